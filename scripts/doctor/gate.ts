import type { Gate } from "../model/gate.ts";
import { tryRun } from "../system/process/process.ts";
import { findScanner } from "../trust/gate/scan.ts";
import type { Check } from "./check.ts";

/**
 * Whether the scanner that the catalog's gate asks for is there and runs.
 * @param isSandbox there no scanner is ever required: see trust.ts
 */
export function gateCheck(gate: Gate, isSandbox: boolean, find = findScanner, run = tryRun): Check {
  return {
    name: "gate",
    async run(signal) {
      const scanner = await find(gate.scanner);
      const isRequired = gate.required && !isSandbox;
      const install = `install ${gate.scanner === "auto" ? "trivy or grype" : gate.scanner}`;
      if (!scanner) {
        const wanted = gate.scanner === "auto" ? "neither trivy nor grype" : `no ${gate.scanner}`;
        return {
          status: isRequired ? "fail" : "warn",
          found: `there is ${wanted} on this machine, so ${isRequired ? "nothing is published" : "nobody looks for vulnerabilities"}`,
          advice: isRequired ? `${install}, or take required: true out of the catalog's gate` : install,
        };
      }
      const { exitCode, output } = await run([scanner, "--version"], { signal });
      if (exitCode === 0) return { status: "ok", found: versionIn(output) ?? scanner };
      return {
        status: isRequired ? "fail" : "warn",
        found: `${scanner} does not run: ${output.trim().split("\n")[0]}`,
        advice: `try ${scanner} --version by hand, or install another one`,
      };
    },
  };
}

/** `Version: 0.57.1` of trivy, `grype 0.87.0` of grype: the first line that has a number of that form. */
function versionIn(output: string): string | undefined {
  return output
    .split("\n")
    .find((line) => /\d\.\d/.test(line))
    ?.trim();
}
