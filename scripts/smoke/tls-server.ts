import { once } from "node:events";
import { createServer, type TLSSocket } from "node:tls";
import { makeCertificates } from "./certificates.ts";

/** A server on this machine's loopback that speaks TLS. Its authority is nobody's but a test's. */
export interface TlsServer {
  /** `https://localhost:41233/` */
  readonly url: string;
  /** The certificate, as PEM, of the authority that vouches for it. */
  readonly authority: string;
  close(): void;
}

/** @param text what it says to whoever asks, whatever the question */
export async function openTlsServer(text: string): Promise<TlsServer> {
  const { authority, certificate, key } = makeCertificates();
  const open = new Set<TLSSocket>();
  const server = createServer({ cert: certificate, key }, (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    // Who does not trust it hangs up: that is what it is for.
    socket.on("error", () => {});
    socket.once("data", () => socket.end(answerOf(text)));
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("the system gave no port");
  return {
    url: `https://localhost:${address.port}/`,
    authority,
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Of HTTP (RFC 9112) as much as every client understands. */
function answerOf(text: string): string {
  const head = ["HTTP/1.1 200 OK", "Content-Type: text/plain", `Content-Length: ${Buffer.byteLength(text)}`];
  return [...head, "Connection: close", "", text].join("\r\n");
}
