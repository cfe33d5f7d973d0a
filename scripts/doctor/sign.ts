import { access, constants } from "node:fs/promises";
import { isKeyFile, type Signing } from "../model/signing.ts";
import { messageOf } from "../system/errors.ts";
import { hasCosign, openSigner, type SignerOptions } from "../trust/sign/sign.ts";
import type { Check, Finding } from "./check.ts";

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
function noCosign(isSandbox: boolean, problem: Finding | undefined): Finding {
  const found = "there is no cosign on this machine";
  if (isSandbox) {
    return { status: "warn", found, advice: "in the sandbox images go unsigned then: no need to mend it" };
  }
  return {
    status: "fail",
    found: [found, ...(problem ? [problem.found] : [])].join("\n"),
    advice: [
      "install it (Debian 13: apt-get install cosign)",
      ...(problem?.advice ? [problem.advice] : []),
    ].join("; "),
  };
}

async function keyProblem(signing: Signing): Promise<Finding | undefined> {
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
