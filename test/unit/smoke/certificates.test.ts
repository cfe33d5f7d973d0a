import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { makeCertificates } from "../../../scripts/smoke/certificates.ts";

describe("makeCertificates", () => {
  const now = new Date("2026-11-29T10:00:00Z");
  const { authority, certificate, key } = makeCertificates(now);
  const ca = new X509Certificate(authority);
  const server = new X509Certificate(certificate);

  it("makes an authority, and a certificate for localhost that it has signed", () => {
    expect(ca.ca).toBe(true);
    expect(server.ca).toBe(false);
    expect(server.checkIssued(ca)).toBe(true);
    expect(server.verify(ca.publicKey)).toBe(true);
    expect(server.checkHost("localhost")).toBe("localhost");
    expect(server.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(server.checkHost("example.org")).toBeUndefined();
    expect(key).toContain("PRIVATE KEY");
  });

  it("makes them good for a day before and after", () => {
    expect([ca, server].map(({ validFrom, validTo }) => [new Date(validFrom), new Date(validTo)])).toEqual(
      Array(2).fill([new Date("2026-11-28T10:00:00Z"), new Date("2026-11-30T10:00:00Z")]),
    );
  });

  it("makes others each time", () => {
    expect(new X509Certificate(makeCertificates(now).certificate).verify(ca.publicKey)).toBe(false);
  });
});
