/**
 * The code of a provider of dynamic resources that does its work in the handler of that name.
 *
 * Pulumi keeps a dynamic provider's code in the state and runs that copy for `delete` and `read`. So the provider holds nothing
 * but the loading of a module, by the name of this package: its text never changes (a test holds it), the state stays small,
 * and what runs is always the code that is installed. The functions stand in plain JavaScript, since what a compiler makes of
 * them would be their text.
 *
 * The text has the form that Pulumi's SDK gives to a provider (@pulumi/pulumi 3.248, runtime/closure/serializeClosure.ts).
 * It is put together here, as the SDK would load TypeScript to find what the functions refer to, which takes longer than all
 * else that a program loads.
 */
exports.handledBy = function (name) {
  // the provider's process runs in the directory of the program, and its own modules are Pulumi's
  const load = () => {
    const at = `${process.cwd()}/`;
    try {
      return require("node:module").createRequire(at)("kuma-federation/provider").dispatch(name);
    } catch (error) {
      if (error.code !== "MODULE_NOT_FOUND" || !error.message.includes("'kuma-federation/provider'"))
        throw error;
      const message = `The package kuma-federation cannot be found from ${at}, where the engine runs its resources. Nothing was changed. Install it there ("npm install kuma-federation"), and run it again.`;
      throw Object.assign(new Error(message), { stack: message });
    }
  };
  const provider = {
    check: async (olds, news) => load().check(olds, news),
    diff: async (id, olds, news) => load().diff(id, olds, news),
    create: async (inputs) => load().create(inputs),
    update: async (id, olds, news) => load().update(id, olds, news),
    delete: async (id, props) => load().delete(id, props),
    read: async (id, props) => load().read(id, props),
  };
  return textOf(name, load, provider);
};

function textOf(name, load, provider) {
  const methods = Object.entries(provider).map(([method, work], index) => {
    // the SDK numbers a function before what it refers to: `load` is met in the first method
    const id = index === 0 ? "__f1" : `__f${index + 2}`;
    return { method, id, text: bound(id, work.length, "load: __f2", work) };
  });
  return [
    "exports.handler = __f0;\n",
    `var __provider = {${methods.map(({ method, id }) => `${method}: ${id}`).join(", ")}};\n`,
    bound("__f2", 0, `name: ${JSON.stringify(name)}`, load),
    ...methods.map(({ text }) => text),
    bound("__f0", 0, "provider: __provider", "()=>provider"),
  ].join("\n");
}

/** A function that finds what it refers to. */
function bound(id, parameters, captured, work) {
  const names = Array.from({ length: parameters }, (_, index) => `__${index}`).join(", ");
  return `function ${id}(${names}) {
  return (function() {
    with({ ${captured}, this: undefined, arguments: undefined }) {

return ${work};

    }
  }).apply(undefined, undefined).apply(this, arguments);
}
`;
}
