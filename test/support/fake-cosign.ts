import type { ProcessOptions, ProcessResult } from "../../scripts/system/process/process.ts";
import { PREDICATE_TYPES, type PredicateType } from "../../scripts/trust/cosign.ts";

/** An index and the manifests of its two platforms: what `--recursive` signs. */
export const IMAGE_DIGESTS = ["1", "2", "3"].map((digit) => `sha256:${digit.repeat(64)}`) as [
  string,
  string,
  string,
];
export const PUBLIC_KEY = "-----BEGIN PUBLIC KEY-----\n…\n-----END PUBLIC KEY-----\n";

/** A cosign that remembers in place of a registry. */
export class FakeCosign {
  /** `sign 1`, `attest 1 slsaprovenance1`, by the first digit of the digest. */
  readonly sent: string[] = [];
  readonly seen: ProcessOptions[] = [];
  readonly #signed = new Set<string>();

  /** @param release which cosign it is: 3 makes bundles */
  constructor(readonly release: 2 | 3 = 2) {}
  readonly #predicates = new Map<string, string[]>();
  /** Is told of each bundle: what it is about, what kind of statement, and its bytes. */
  attached: (digest: string, predicateType: string, bundle: string) => Promise<unknown> = async () => {};
  /** What a command answers instead. */
  answer: (argv: readonly string[]) => Partial<ProcessResult> | undefined = () => undefined;

  readonly run = async (argv: readonly string[], options: ProcessOptions = {}): Promise<ProcessResult> => {
    this.seen.push(options);
    const given = this.answer(argv) ?? this.#do(argv, String(options.input ?? ""));
    if (this.release === 3 && argv[1] === "attest" && !given.exitCode) {
      const [type = "", digest = ""] = [argv[argv.indexOf("--type") + 1], argv.at(-1)?.split("@")[1]];
      const dsseEnvelope: unknown = JSON.parse(envelope(type, String(options.input)));
      await this.attached(digest, type, JSON.stringify({ dsseEnvelope }));
    }
    return { exitCode: 0, stdout: "", stderr: "", output: "", ...given };
  };

  #do(argv: readonly string[], input: string): Partial<ProcessResult> {
    const [, command] = argv;
    const digest = argv.at(-1)?.split("@")[1] ?? "";
    const type = argv[argv.indexOf("--type") + 1] ?? "";
    if (command === "public-key") return { stdout: PUBLIC_KEY };
    if (this.release === 2 && argv.includes("--signing-config")) {
      return { exitCode: 1, stderr: "Error: unknown flag: --signing-config\n" };
    }
    // Of those that ask for help nothing is done.
    if (argv.includes("--help")) return {};
    if (command === "verify") return { exitCode: this.#signed.has(digest) ? 0 : 10 };
    if (command === "sign") {
      for (const one of argv.includes("--recursive") ? IMAGE_DIGESTS : [digest]) this.#signed.add(one);
      this.sent.push(`sign ${digest[7]}${argv.includes("--recursive") ? " and below" : ""}`);
    }
    if (command === "attest") {
      const key = `${type} ${digest}`;
      const before = argv.includes("--replace") ? [] : (this.#predicates.get(key) ?? []);
      this.#predicates.set(key, [...before, input]);
      this.sent.push(`attest ${digest[7]} ${type}`);
    }
    if (command === "verify-attestation") {
      const predicateType = PREDICATE_TYPES[type as PredicateType] ?? type;
      const predicates = this.#predicates.get(`${predicateType} ${digest}`);
      if (!predicates) return { exitCode: 10 };
      return { stdout: predicates.map((text) => envelope(predicateType, text)).join("") };
    }
    return {};
  }
}

/** As cosign prints a statement that it verified. */
function envelope(predicateType: string, text: string): string {
  const statement = { predicateType, predicate: JSON.parse(text) as unknown };
  const payload = Buffer.from(JSON.stringify(statement)).toString("base64");
  return `${JSON.stringify({ payloadType: "application/vnd.in-toto+json", payload, signatures: [] })}\n`;
}
