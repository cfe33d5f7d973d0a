import { Command, Option } from "commander";
import { expect, it } from "vitest";
import { emptyVariables } from "../../../scripts/app/run-program.ts";

it("finds the variables of options that hold nothing, each once, and no others", () => {
  const program = new Command();
  const pods = () => new Option("--pods <name>").env("PODS");
  program.command("one").addOption(pods()).option("--plain <text>");
  program.command("two").addOption(pods()).addOption(new Option("--builder <name>").env("BUILDER"));
  expect(emptyVariables(program, { PODS: "", BUILDER: "farm", PLAIN: "", OTHER: "" })).toEqual(["PODS"]);
  expect(emptyVariables(program, {})).toEqual([]);
});
