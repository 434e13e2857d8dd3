/**
 * A provider of dynamic resources that does its work in the handler of that name.
 *
 * Pulumi serialises a dynamic provider's code into the state and runs that copy for `delete` and `read`. So the provider
 * holds nothing but the loading of a module, by the name of this package: its text never changes (a test holds it), the
 * state stays small, and what runs is always the code that is installed. It stands in plain JavaScript, since what a
 * compiler makes of it would be its text.
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
  return {
    check: async (olds, news) => load().check(olds, news),
    diff: async (id, olds, news) => load().diff(id, olds, news),
    create: async (inputs) => load().create(inputs),
    update: async (id, olds, news) => load().update(id, olds, news),
    delete: async (id, props) => load().delete(id, props),
    read: async (id, props) => load().read(id, props),
  };
};
