// What the engine's provider for dynamic resources loads, as "kuma-federation/provider": see resources/provider/resource.ts.
module.exports = require("./compiled.js").load("resources/provider/dispatch");
