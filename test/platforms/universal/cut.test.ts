import assert from "node:assert/strict";
import {
  type Rule,
  cut,
  mend,
  mendingText,
  rulesAgainst,
  rulesAround,
  whyNoCut,
} from "../../../platforms/universal/cut";
import { kumaErrorOf } from "../../support/errors";

const COMMENT = "kuma-federation-drill:test";

/** An iptables that knows these rules: what it was asked for, and what is left. */
function firewall(there: string[] = []) {
  const rules = [...there];
  const ran: string[] = [];
  const run = ([program, wait, seconds, action, ...rule]: readonly string[]) => {
    assert.deepEqual([wait, seconds], ["-w", "10"]);
    const text = [program, ...rule].join(" ");
    ran.push(`${action} ${text}`);
    const at = rules.indexOf(text);
    if (action === "-I") rules.push(text);
    if (action === "-D" && at >= 0) rules.splice(at, 1);
    const isThere = action !== "-C" || at >= 0;
    return Promise.resolve({ status: isThere ? 0 : 1, stdout: "", stderr: "" });
  };
  return { rules, ran, run };
}
const text = ({ program, chain, match }: Rule) => [program, chain, ...match].join(" ");

describe("platforms/universal/cut", () => {
  it("drops what goes to a server and what comes back, by its family", async () => {
    const rules = await rulesAgainst(
      [
        { host: "192.0.2.1", port: 5685 },
        { host: "[2001:db8::1]", port: 1 },
      ],
      COMMENT,
    );
    const end = `-m comment --comment ${COMMENT} -j DROP`;
    assert.deepEqual(rules.map(text), [
      `iptables OUTPUT -p tcp -d 192.0.2.1 --dport 5685 ${end}`,
      `iptables INPUT -p tcp -s 192.0.2.1 --sport 5685 ${end}`,
      `ip6tables OUTPUT -p tcp -d 2001:db8::1 --dport 1 ${end}`,
      `ip6tables INPUT -p tcp -s 2001:db8::1 --sport 1 ${end}`,
    ]);
  });

  it("is refused for a name that nobody knows", async () => {
    const error = await kumaErrorOf(rulesAgainst([{ host: "nowhere.invalid", port: 1 }], COMMENT));
    assert.equal(error.message, "The name nowhere.invalid is not known here, so nothing was cut.");
  });

  it("takes its own rules away, also those that are there twice, and no other", async () => {
    const rules = rulesAround([10001], COMMENT);
    const { rules: there, run } = firewall(["iptables INPUT -j ACCEPT"]);
    await cut(rules, run);
    await cut(rules.slice(0, 1), run);
    assert.equal(there.length, 1 + rules.length + 1);
    await mend(rules, run);
    assert.deepEqual(there, ["iptables INPUT -j ACCEPT"]);
    await mend(rules, run);
  });

  it("tells how a rule is taken away that cannot be", async () => {
    const [rule] = rulesAround([10001], COMMENT);
    const run = ([, , , action]: readonly string[]) =>
      Promise.resolve({ status: action === "-D" ? 4 : 0, stdout: "", stderr: "no permission\n" });
    const { message } = await kumaErrorOf(mend([rule], run));
    assert.match(message, /taken away: no permission\. Take it away with: iptables -w 10 -D /);
  });

  it("says why there is no cut, and changes nothing to find out", async () => {
    const rules = rulesAround([10001], COMMENT);
    const { run, ran } = firewall();
    assert.equal(await whyNoCut(rules, run), undefined);
    assert.deepEqual(ran, ["-S iptables OUTPUT", "-S ip6tables OUTPUT"]);
    const denied = () =>
      Promise.resolve({ status: 4, stdout: "", stderr: "iptables: Permission denied (you must be root)" });
    assert.match(String(await whyNoCut(rules, denied)), /^iptables does not work: .*must be root/);
  });

  it("is a shell's text for a timer, with nothing in it that needs quotes", () => {
    const all = mendingText(rulesAround([10001], COMMENT));
    assert.match(
      all,
      /^while iptables -w 10 -C INPUT -p tcp --dport 10001 .*; do iptables -w 10 -D INPUT .*; done; while/,
    );
    assert.doesNotMatch(all, /['"$`\\]/);
  });
});
