import { execFile } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** As PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Where `makeCertificate` writes what clients have to trust: for NODE_EXTRA_CA_CERTS and SSL_CERT_FILE. */
export const certificateFile = (directory: string) => join(directory, "cert.pem");

/**
 * A certificate that signs itself, made with openssl unless it is there already.
 * @param directory gets `cert.pem` and `key.pem`
 * @param address that it is for; it is for `localhost` and 127.0.0.1 besides
 */
export async function makeCertificate(directory: string, address: string): Promise<Certificate> {
  const [cert, key] = [certificateFile(directory), join(directory, "key.pem")];
  const read = async () => ({ cert: await readFile(cert, "utf8"), key: await readFile(key, "utf8") });
  const known = await read().catch(() => undefined);
  if (known) return known;
  await mkdir(directory, { recursive: true });
  const names = ["IP:127.0.0.1", "DNS:localhost", `IP:${address}`];
  await promisify(execFile)("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
    ...["-subj", "/CN=hostile", "-addext", `subjectAltName=${names.join(",")}`],
    ...["-keyout", key, "-out", cert],
  ]);
  return read();
}
