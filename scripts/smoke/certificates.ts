import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A throwaway certificate authority and the certificate that it gave `localhost`, all as PEM. */
export interface Certificates {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/**
 * Makes both anew, good for a day before and after: Node can sign but has no way to make a certificate, and not every
 * machine has openssl. As strict clients want them: with the key identifiers of RFC 5280, 4.2.1.
 */
export function makeCertificates(now = new Date()): Certificates {
  const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const server = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signer = { name: "Birdhouse smoke test CA", key: authority.privateKey };
  const identifier = keyIdentifier(authority.publicKey);
  return {
    authority: certificate(signer, signer.name, authority.publicKey, now, [
      extension(OID.basicConstraints, true, sequence(boolean(true))),
      // keyCertSign and cRLSign, bits 5 and 6 of seven.
      extension(OID.keyUsage, true, bits(Buffer.from([0x06]), 1)),
      extension(OID.subjectKey, false, octets(identifier)),
    ]),
    certificate: certificate(signer, "localhost", server.publicKey, now, [
      extension(OID.basicConstraints, true, sequence()),
      // digitalSignature, bit 0 of one.
      extension(OID.keyUsage, true, bits(Buffer.from([0x80]), 7)),
      extension(OID.extendedKeyUsage, false, sequence(oid(OID.serverAuth))),
      extension(OID.subjectKey, false, octets(keyIdentifier(server.publicKey))),
      extension(OID.authorityKey, false, sequence(der(0x80, identifier))),
      // dNSName and iPAddress.
      extension(
        OID.subjectNames,
        false,
        sequence(der(0x82, Buffer.from("localhost")), der(0x87, Buffer.from([127, 0, 0, 1]))),
      ),
    ]),
    key: server.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** Object identifiers (RFC 5280, RFC 5758), as DER has them: the first two numbers in one, the others in base 128. */
const OID = {
  commonName: "550403",
  ecdsaWithSha256: "2a8648ce3d040302",
  basicConstraints: "551d13",
  keyUsage: "551d0f",
  extendedKeyUsage: "551d25",
  serverAuth: "2b06010505070301",
  subjectKey: "551d0e",
  authorityKey: "551d23",
  subjectNames: "551d11",
} as const;

const DAY_MS = 24 * 60 * 60 * 1000;

/** A certificate of version 3 as PEM (RFC 5280, 4.1). */
function certificate(
  signer: { name: string; key: KeyObject },
  name: string,
  publicKey: KeyObject,
  now: Date,
  extensions: readonly Buffer[],
): string {
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const toBeSigned = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    // Positive, and never empty.
    integer(Buffer.concat([Buffer.from([0x01]), randomBytes(8)])),
    algorithm,
    nameOf(signer.name),
    sequence(time(now.getTime() - DAY_MS), time(now.getTime() + DAY_MS)),
    nameOf(name),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign("sha256", toBeSigned, signer.key);
  const text = sequence(toBeSigned, algorithm, bits(signature, 0)).toString("base64");
  const lines = text.match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest()
    .subarray(0, 20);
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));
}

function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(oid(OID.commonName), der(0x0c, Buffer.from(commonName)))));
}

/** UTCTime, which holds until 2049 (RFC 5280, 4.1.2.5.1). */
function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/\D/g, "").slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes);
}

function boolean(value: boolean): Buffer {
  return der(0x01, Buffer.from([value ? 0xff : 0]));
}

function octets(bytes: Buffer): Buffer {
  return der(0x04, bytes);
}

/** @param unused how many bits at the end count for nothing */
function bits(bytes: Buffer, unused: number): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([unused]), bytes]));
}

/** Tag, length, content (X.690, 8.1). */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}
