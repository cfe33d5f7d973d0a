import { parseArgs } from "node:util";
import { makeCertificate } from "./certificate.ts";
import { HostileMirror, type MirrorCase } from "./mirror.ts";
import { HostileProxy, type ProxyCase } from "./proxy.ts";
import { HostileRegistry, type RegistryCase } from "./registry.ts";

/**
 * One of these servers as a process of its own, for a network of its own:
 *
 *   node --import tsx/esm test/support/hostile/main.ts registry --address 10.0.0.1 --port 5000 --case drips
 *
 * It prints its address as soon as it listens, and ends when its input does: never later than the test.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    address: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "0" },
    case: { type: "string", multiple: true, default: [] },
    /** A file that gets a line of JSON for each request. */
    log: { type: "string" },
    /** Directory of the certificate that it speaks HTTPS with. */
    tls: { type: "string" },
    /** Of a mirror: directory of what it serves. */
    root: { type: "string" },
    elsewhere: { type: "string" },
    realm: { type: "string" },
    authorization: { type: "string" },
  },
});
const { elsewhere, realm, authorization, root, log, address, tls } = values;
const world = {
  ...(elsewhere !== undefined && { elsewhere }),
  ...(realm !== undefined && { realm }),
  ...(authorization !== undefined && { authorization }),
};

const server = open(positionals[0]);
await server.listen({
  address,
  port: Number(values.port),
  ...(log !== undefined && { log }),
  ...(tls !== undefined && { tls: await makeCertificate(tls, address) }),
});
process.stdout.write(`${server.url}\n`);
process.stdin.on("end", () => process.exit(0)).resume();

function open(kind: string | undefined) {
  switch (kind) {
    case "registry": {
      const registry = new HostileRegistry(world);
      for (const name of values.case) registry.cases.add(name as RegistryCase);
      return registry;
    }
    case "mirror": {
      const mirror = new HostileMirror({ ...world, ...(root !== undefined && { root }) });
      for (const name of values.case) mirror.cases.add(name as MirrorCase);
      return mirror;
    }
    case "proxy": {
      const proxy = new HostileProxy(world);
      for (const name of values.case) proxy.cases.add(name as ProxyCase);
      return proxy;
    }
    default:
      throw new Error(`${kind}: expected registry, mirror or proxy`);
  }
}
