/**
 * The rooms of scripts/ from the top of the house to the ground. A room may import those below it, and none above:
 * the linter makes a rule of each line, and README's table has the same order.
 */
module.exports = [
  "commands",
  "app",
  "doctor",
  "transfer",
  "report",
  "pipeline",
  "publish",
  "smoke",
  "trust",
  "build",
  "update",
  "plan",
  "upstream",
  "render",
  "catalog",
  "engine",
  "registry",
  "formats",
  "model",
  "system",
];
