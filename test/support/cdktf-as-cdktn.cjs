// Loaded before a test process of the project `fork`: whoever requires cdktf, the provider bindings among them, gets
// the maintained fork. It is what the alias "cdktf": "npm:cdktn@…" does in an installation.
const Module = require("node:module");

const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  return resolve.call(this, request.replace(/^cdktf(?=$|\/)/, "cdktn"), ...rest);
};
