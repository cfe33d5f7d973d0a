import { type ChildProcess, spawn } from "node:child_process";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../../scripts/system/process/process.ts";
import { compiledOnce, goEnvironment, PEERS } from "./peers.ts";
import { openIssuer } from "./token-issuer.ts";
import { freePort } from "./world.ts";

/** The programs of a Sigstore: the folder that each is compiled in, and the package that is its program. */
export const SIGSTORE = {
  rekor: { package: "github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix", version: "2.3.0" },
  fulcio: { package: "github.com/sigstore/fulcio", version: "1.8.5" },
  timestamps: {
    package: "github.com/sigstore/timestamp-authority/v2/cmd/timestamp-server",
    version: "2.0.4",
  },
  certificates: { package: "github.com/transparency-dev/tesseract/cmd/tesseract/posix", version: "0.1.1" },
} as const;

/**
 * The transparency log, certificate authority, timestamp authority and log of certificates that the public Sigstore runs:
 * compiled by `make peers`, which takes some ten minutes, and then kept.
 * @returns the folder of the four; undefined where they are not there and cannot be made
 */
export function sigstorePrograms(): Promise<string | undefined> {
  const versions = Object.values(SIGSTORE).map(({ version }) => version);
  return compiledOnce(join(PEERS, `sigstore-${versions.join("-")}`), async (work) => {
    for (const [name, { package: source, version }] of Object.entries(SIGSTORE)) {
      const env = { ...goEnvironment(), GOBIN: join(work, name) };
      await run(["go", "install", `${source}@v${version}`], { env });
    }
    return work;
  });
}

/** A Sigstore on this machine, which knows of no other. */
export interface OwnSigstore {
  /** The files that say where it is and how it is known, as cosign made them. */
  readonly files: { readonly signingConfig: string; readonly trustedRoot: string };
  /** By whom identities are vouched for. */
  readonly issuer: string;
  /** A token for somebody, as a CI gives one to its jobs. */
  token(email: string): string;
  /** How many entries its log has. */
  entries(): Promise<number>;
  /** Ends the transparency log alone: nothing can be recorded any more. */
  stopLog(): Promise<void>;
  close(): Promise<void>;
}

const PASSWORD = "password";

/** @param cosign its release 3, which writes the files */
export async function openSigstore(programs: string, cosign: string): Promise<OwnSigstore> {
  const directory = await mkdtemp(join(tmpdir(), "birdhouse-sigstore-"));
  const path = (name: string) => join(directory, name);
  const started = new Map<string, ChildProcess>();
  const start = async (name: string, program: string, options: readonly string[], ready: string) => {
    const log = await open(path(`${name}.log`), "w");
    const child = spawn(join(programs, program), options, {
      cwd: directory,
      stdio: ["ignore", log.fd, log.fd],
    });
    started.set(name, child);
    await log.close();
    for (let left = 120; !(await answers(ready)); left--) {
      if (left === 0 || child.exitCode !== null) {
        const said = await readFile(path(`${name}.log`), "utf8");
        await close();
        throw new Error(`${name} does not start: ${said.slice(-2_000)}`);
      }
      await sleep(250);
    }
  };
  const stop = async (name: string) => {
    const child = started.get(name);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  const issuer = await openIssuer();
  const close = async () => {
    for (const name of started.keys()) await stop(name);
    await issuer.close();
    await rm(directory, { recursive: true, force: true });
  };

  await writeAuthority(directory);
  await writeLogKey(
    path("rekor"),
    generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }),
  );
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await writeLogKey(path("certificates"), ec.privateKey.export({ type: "sec1", format: "pem" }));
  const port = async () => String(await freePort());
  const url = (of: string) => `http://127.0.0.1:${of}`;
  const ports = {
    rekor: await port(),
    certificates: await port(),
    fulcio: await port(),
    timestamps: await port(),
  };
  for (const folder of ["rekor", "certificates"]) await mkdir(path(`${folder}-log`));

  await start(
    "rekor",
    "rekor/posix",
    [
      ...[
        "serve",
        "--http-port",
        ports.rekor,
        "--grpc-port",
        await port(),
        "--http-metrics-port",
        await port(),
      ],
      ...["--storage-dir", path("rekor-log"), "--signer-filepath", path("rekor.pem")],
      ...["--hostname", "rekor.local", "--checkpoint-interval", "1s"],
    ],
    `${url(ports.rekor)}/healthz`,
  );
  await start(
    "certificates",
    "certificates/posix",
    [
      ...["--http_endpoint", `127.0.0.1:${ports.certificates}`, "--origin", "certificates.local"],
      ...["--private_key", path("certificates.pem"), "--storage_dir", path("certificates-log")],
      ...["--roots_pem_file", path("root.pem"), "--ext_key_usages", "CodeSigning"],
    ],
    `${url(ports.certificates)}/ct/v1/get-roots`,
  );
  const knows = `issuer-url: ${issuer.url}\n    client-id: sigstore\n    type: email`;
  await writeFile(path("fulcio.yaml"), `oidc-issuers:\n  ${issuer.url}:\n    ${knows}\n`);
  await start(
    "fulcio",
    "fulcio/fulcio",
    [
      ...["serve", "--host", "127.0.0.1", "--port", ports.fulcio, "--grpc-host", "127.0.0.1"],
      ...["--grpc-port", await port(), "--metrics-port", await port(), "--config-path", path("fulcio.yaml")],
      ...["--legacy-unix-domain-socket", path("fulcio.sock"), "--ca", "fileca", "--fileca-watch=false"],
      ...[
        "--fileca-cert",
        path("root.pem"),
        "--fileca-key",
        path("root.key"),
        "--fileca-key-passwd",
        PASSWORD,
      ],
      ...["--ct-log-url", url(ports.certificates), "--ct-log-public-key-path", path("certificates.pub")],
    ],
    `${url(ports.fulcio)}/healthz`,
  );
  const timestamps = `${url(ports.timestamps)}/api/v1/timestamp`;
  await start(
    "timestamps",
    "timestamps/timestamp-server",
    [
      ...["serve", "--host", "127.0.0.1", "--port", ports.timestamps],
      ...["--timestamp-signer", "memory", "--disable-ntp-monitoring"],
    ],
    `${timestamps}/certchain`,
  );
  await writeFile(path("timestamps.pem"), await (await fetch(`${timestamps}/certchain`)).text());

  const since = "start-time=2024-01-01T00:00:00Z";
  const of = (place: string, version: number) =>
    `url=${place},api-version=${version},${since},operator=local`;
  const files = { signingConfig: path("signing-config.json"), trustedRoot: path("trusted-root.json") };
  await run(
    [
      ...[cosign, "signing-config", "create", "--out", files.signingConfig],
      ...["--rekor", of(url(ports.rekor), 2), "--rekor-config", "ANY", "--fulcio", of(url(ports.fulcio), 1)],
      ...["--tsa", of(timestamps, 1), "--tsa-config", "ANY", "--oidc-provider", of(issuer.url, 1)],
    ],
    { env: { HOME: directory } },
  );
  await run(
    [
      ...[cosign, "trusted-root", "create", "--out", files.trustedRoot],
      ...["--rekor", `url=http://rekor.local,public-key=${path("rekor.pub")},${since},origin=rekor.local`],
      ...["--fulcio", `url=${url(ports.fulcio)},certificate-chain=${path("root.pem")},${since}`],
      ...["--ctfe", `url=${url(ports.certificates)},public-key=${path("certificates.pub")},${since}`],
      ...["--tsa", `url=${timestamps},certificate-chain=${path("timestamps.pem")},${since}`],
    ],
    { env: { HOME: directory } },
  );
  return {
    files,
    issuer: issuer.url,
    token: issuer.token,
    async entries() {
      // Source: c2sp.org/tlog-checkpoint: origin, number of entries, root hash
      const checkpoint = await readFile(path("rekor-log/checkpoint"), "utf8");
      return Number(checkpoint.split("\n")[1]);
    },
    stopLog: () => stop("rekor"),
    close,
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

/** The private key of a log beside its public one, `NAME.pem` and `NAME.pub`. */
async function writeLogKey(name: string, privateKey: string | Buffer): Promise<void> {
  await writeFile(`${name}.pem`, privateKey);
  const publicKey = createPublicKey(createPrivateKey(privateKey));
  await writeFile(`${name}.pub`, publicKey.export({ type: "spki", format: "pem" }));
}

/** A certificate authority that may issue for who signs code: `root.pem`, and `root.key` with a password. */
async function writeAuthority(directory: string): Promise<void> {
  await run(
    [
      ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "30"],
      ...[
        "-keyout",
        "root.key",
        "-passout",
        `pass:${PASSWORD}`,
        "-out",
        "root.pem",
        "-subj",
        "/O=local/CN=root",
      ],
      ...["-addext", "basicConstraints=critical,CA:TRUE,pathlen:1"],
      ...["-addext", "keyUsage=critical,keyCertSign,cRLSign"],
    ],
    { cwd: directory },
  );
}
