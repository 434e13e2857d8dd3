import * as assert from "node:assert/strict";
import { htmlStatus } from "../../../../cli/status/formats/html";
import { Browser, View, findChromium } from "../../../support/chromium";
import { HOSTILE, broken, healthy, tenZones, zone } from "../sampleReports";

describe("cli/status/formats/html, in a real browser", function () {
  this.timeout(180_000);
  let browser: Browser;

  before(async function () {
    const program = findChromium();
    if (program === undefined) {
      console.log("      skipped: chromium is not on PATH, and CHROMIUM names none (Debian: chromium)");
      return this.skip();
    }
    browser = await Browser.start(program);
  });
  after(() => browser?.stop());

  const reports = {
    healthy: healthy({ history: broken().history }),
    broken: broken(),
    "of ten zones": tenZones(),
  };
  const views: Record<string, View> = {
    ...{
      light: { width: 1200 },
      dark: { width: 1200, scheme: "dark" },
      paper: { width: 760, media: "print" },
    },
    ...{ telephone: { width: 360 }, "dark telephone": { width: 360, scheme: "dark" } },
  };
  const openAll = "document.querySelectorAll('details').forEach((each) => (each.open = true))";

  for (const [name, report] of Object.entries(reports)) {
    for (const [kind, view] of Object.entries(views)) {
      it(`${name}, ${kind}: nothing is wider than the page, and words stand out from what is behind them`, async () => {
        await browser.open(htmlStatus(report));
        await browser.look(view);
        await browser.evaluate(openAll);
        const width = await browser.evaluate<number>("document.documentElement.scrollWidth");
        assert.ok(width <= view.width, `${width} pixels`);
        assert.deepEqual(await browser.evaluate<string[]>(FAINT_WORDS), []);
        assert.deepEqual(await browser.evaluate<string[]>(CLIPPED_WORDS), []);
      });
    }
  }

  it("shows on a telephone all columns of what the global sent, and breaks no name but before its capitals", async () => {
    const types = ["MeshLoadBalancingStrategy", "MeshOpenTelemetryBackend", "ExternalService"];
    const counts = { sent: 1234, acknowledged: 1234, refused: 0, kept: 0 };
    const sync = { at: null, sent: 1, refused: 0, types: types.map((type) => ({ type, ...counts })) };
    await browser.open(htmlStatus(healthy({ zones: [zone("a", { sync }), zone("b")] })));
    await browser.look({ width: 360 });
    await browser.evaluate(openAll);
    const hidden =
      "[...document.querySelectorAll('.cards .scroll')].filter((e) => e.scrollWidth > e.clientWidth).length";
    assert.equal(await browser.evaluate<number>(hidden), 0);
    assert.deepEqual(await browser.evaluate<string[]>(PARTS_IN_TWO), []);
  });

  it("shows on paper what is folded on a screen", async () => {
    await browser.open(htmlStatus(broken()));
    const height = "Math.round(document.querySelector('.cards details dl').getBoundingClientRect().height)";
    await browser.look({ width: 760, media: "print" });
    assert.ok((await browser.evaluate<number>(height)) > 50);
    assert.equal((await browser.pdf()).subarray(0, 5).toString(), "%PDF-");
  });

  it("says by its structure what it shows: headings, tables, a picture with words, details with names", async () => {
    await browser.open(htmlStatus(tenZones()));
    await browser.look({ width: 360 });
    const tree = await browser.accessibilityTree();
    const named = (role: string) => tree.filter((node) => node.role === role).map((node) => node.name.trim());
    assert.deepEqual(named("heading").slice(0, 4), ["prod-eu", "What to look at", "Topology", "Zones"]);
    assert.deepEqual(
      named("image").filter((each) => each.startsWith("The global control plane and 10 zones")).length,
      1,
    );
    assert.ok(named("rowheader").some((each) => each.includes("zone-10")));
    assert.ok(named("columnheader").some((each) => each.includes("zone-10")));
    assert.ok(
      named("cell").includes("✕ calls cannot go") ||
        named("cell").some((each) => each.includes("calls cannot go")),
    );
    assert.ok(named("DisclosureTriangle").every((each) => each !== ""));
    assert.equal(await browser.evaluate("document.documentElement.lang"), "en");
    assert.deepEqual(
      await browser.evaluate(
        "[...document.querySelectorAll('[id]')].map((e) => e.id).filter((id, at, all) => all.indexOf(id) !== at)",
      ),
      [],
    );
  });

  it("asks nothing of the network, and runs nothing that others have written", async () => {
    await browser.open(htmlStatus(broken({ stack: HOSTILE, problems: [HOSTILE] })));
    assert.equal(await browser.evaluate("document.querySelectorAll('script,img').length"), 0);
    assert.ok((await browser.evaluate<string>("document.title")).includes("<script>"));
    assert.deepEqual(browser.requested, []);
  });
});

/** Words with less contrast than WCAG's AA asks for, by the colours that the browser has come to. */
/** Parts of the names of types, between places where they may break, that are on more than one line. */
const PARTS_IN_TWO = `[...document.querySelectorAll(".cards .numbers tbody th")]
  .flatMap((cell) => [...cell.childNodes].filter((node) => node.nodeType === 3 && node.data.trim() !== ""))
  .filter((node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return range.getClientRects().length > 1;
  })
  .map((node) => node.data)`;

const FAINT_WORDS = `(() => {
  const rgb = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map((each) => each / 255)
    .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
    .reduce((sum, each, at) => sum + each * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = each.ownerSVGElement || each.tagName === "svg" ? "" : getComputedStyle(each).backgroundColor;
      const parts = rgb(colour);
      if (parts.length >= 3 && parts[3] !== 0) return parts;
    }
    return [255, 255, 255];
  };
  const box = (text) => text.closest("g")?.querySelector("rect");
  return [...document.querySelectorAll("body *")].filter((element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== "") &&
    element.getClientRects().length > 0 && !["title", "style"].includes(element.tagName)
  ).flatMap((element) => {
    const style = getComputedStyle(element);
    const drawn = element.tagName === "text";
    const ink = luminance(rgb(drawn ? style.fill : style.color));
    const ground = luminance(drawn && box(element) ? rgb(getComputedStyle(box(element)).fill) : behind(element));
    const contrast = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
    return contrast < 4.5 ? [element.tagName + "." + element.className + " " + contrast.toFixed(2)] : [];
  });
})()`;

/** Words in the picture that stand out of their box. */
const CLIPPED_WORDS = `[...document.querySelectorAll("svg.picture g text")].flatMap((text) => {
  const box = text.closest(".zone, .global")?.querySelector("rect")?.getBoundingClientRect();
  const own = text.getBoundingClientRect();
  return box && own.width > 0 && (own.right > box.right || own.left < box.left) ? [text.textContent] : [];
})`;
