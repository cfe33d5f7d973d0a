import { generateKeyPairSync, sign } from "node:crypto";
import { createServer } from "node:http";
import { freePort } from "./world.ts";

/** Who says who somebody is, as far as Fulcio asks (OpenID Connect Discovery 1.0; RFC 7517; RFC 7519). */
export async function openIssuer() {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const server = createServer((request, response) => {
    const keys = [{ ...publicKey.export({ format: "jwk" }), kid: "1", alg: "RS256", use: "sig" }];
    const document =
      request.url === "/keys"
        ? { keys }
        : {
            ...{ issuer: url, jwks_uri: `${url}/keys`, authorization_endpoint: `${url}/auth` },
            ...{ token_endpoint: `${url}/token`, response_types_supported: ["id_token"] },
            ...{ subject_types_supported: ["public"], id_token_signing_alg_values_supported: ["RS256"] },
          };
    response.setHeader("content-type", "application/json").end(JSON.stringify(document));
  });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return {
    url,
    token(email: string): string {
      const now = Math.floor(Date.now() / 1000);
      const header = part({ alg: "RS256", kid: "1", typ: "JWT" });
      const claims = {
        iss: url,
        sub: email,
        aud: "sigstore",
        iat: now,
        exp: now + 3600,
        email,
        email_verified: true,
      };
      const signed = `${header}.${part(claims)}`;
      return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), privateKey).toString("base64url")}`;
    },
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
