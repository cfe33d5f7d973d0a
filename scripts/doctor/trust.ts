import { access, constants } from "node:fs/promises";
import type { Gate } from "../model/gate.ts";
import { isKeyFile, type Signing } from "../model/signing.ts";
import type { Webhook } from "../model/webhook.ts";
import { isHttp, resolved } from "../report/notify.ts";
import { messageOf } from "../system/errors.ts";
import { tryRun } from "../system/process/process.ts";
import { findScanner } from "../trust/scanners.ts";
import { hasCosign, openSigner, type SignerOptions } from "../trust/sign.ts";
import type { Check, CheckResult } from "./check.ts";

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
          found: `there is ${wanted} on this machine, so ${isRequired ? "nothing is published" : "vulnerabilities are not looked for"}`,
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

/** Whether what the catalog wants signed could be: cosign is there, and opens the key with the password that there is. */
export function signCheck(signing: Signing, isSandbox: boolean, options: SignerOptions = {}): Check {
  return {
    name: "sign",
    async run(signal) {
      const problem = await keyProblem(signing);
      if (!(await hasCosign(options.run))) return noCosign(isSandbox, problem);
      if (problem) return problem;
      const { title } = await openSigner(signing, { ...options, signal });
      return { status: "ok", found: `cosign signs with ${title}` };
    },
  };
}

/** As trust.ts has it: in the sandbox, images go unsigned where there is no cosign. */
function noCosign(isSandbox: boolean, problem: Required<CheckResult> | undefined): CheckResult {
  const found = "there is no cosign on this machine";
  if (isSandbox) {
    return { status: "warn", found, advice: "in the sandbox images go unsigned then: no need to mend it" };
  }
  const advice = "install it (Debian 13: apt-get install cosign)";
  if (!problem) return { status: "fail", found, advice };
  return { status: "fail", found: `${found}\n${problem.found}`, advice: `${advice}; ${problem.advice}` };
}

async function keyProblem(signing: Signing): Promise<Required<CheckResult> | undefined> {
  if (signing.kind !== "key") return undefined;
  const { key } = signing;
  const [, variable] = /^env:\/\/(\w+)$/.exec(key) ?? [];
  if (variable !== undefined && !process.env[variable]) {
    const found = `the environment has no ${variable}, which the key is in`;
    return { status: "fail", found, advice: `set ${variable} to the private key, as cosign wrote it` };
  }
  if (!isKeyFile(key)) return undefined;
  try {
    await access(key, constants.R_OK);
    return undefined;
  } catch (error) {
    return {
      status: "fail",
      found: `the key ${key} cannot be read: ${messageOf(error)}`,
      advice:
        "name a private key that is there under sign.key of the catalog: cosign generate-key-pair makes one",
    };
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether everyone who is to be told of runs could be: nothing is sent, since each would take it for a run. */
export function notifyCheck(webhooks: readonly Webhook[], env: Environment = process.env): Check {
  return {
    name: "notify",
    async run() {
      const problems = webhooks.flatMap((webhook) => problemsOf(webhook, env));
      if (problems.length > 0) {
        return {
          status: "fail",
          found: problems.join("\n"),
          advice: "set the variables where the run will have them, or mend notify of the catalog",
        };
      }
      const [first] = webhooks;
      const rest = webhooks.length > 1 ? ` and ${webhooks.length - 1} more` : "";
      return { status: "ok", found: `${first?.url}${rest}: not tried, as it would be taken for a run` };
    },
  };
}

/** As the catalog has them, so that no secret is in it. */
function problemsOf({ url, headers }: Webhook, env: Environment): string[] {
  const values = [[url, "url"], ...Object.entries(headers).map(([name, value]) => [value, `header ${name}`])];
  return values.flatMap(([value = "", what = ""]) => {
    try {
      const text = resolved(value, env);
      if (what !== "url" || isHttp(text)) return [];
      return [`${url}: its URL must begin with http:// or https://`];
    } catch (error) {
      return [`${url}: ${what}: ${messageOf(error)}`];
    }
  });
}
