import { expect, it } from "vitest";
import { proxyChecks, proxyFinding } from "../../../scripts/doctor/network.ts";

const REGISTRY = new URL("https://registry.example/v2/");
const MIRROR = new URL("http://mirror.example/");
const OWN = new URL("http://127.0.0.1:5000/v2/");

it("is looked at only where the environment names one", () => {
  expect(proxyChecks([REGISTRY], { NO_PROXY: "*" })).toEqual([]);
  for (const name of ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"]) {
    expect(proxyChecks([REGISTRY], { [name]: "http://proxy.example:3128" })).toHaveLength(1);
  }
});

it("is named for each server, without its password", () => {
  const env = { https_proxy: "robin:hunter2@proxy.example:3128" };
  expect(proxyFinding([REGISTRY, MIRROR], env)).toEqual({
    status: "ok",
    found: "registry.example by http://proxy.example:3128 (https_proxy); mirror.example directly",
  });
});

it("that a server of this machine would be asked by is told, and what to do", () => {
  const env = { HTTP_PROXY: "http://proxy.example:3128" };
  expect(proxyFinding([OWN], env)).toMatchObject({
    status: "warn",
    advice: expect.stringContaining("add 127.0.0.1 to NO_PROXY"),
  });
  expect(proxyFinding([OWN], { ...env, NO_PROXY: "127.0.0.1" })).toMatchObject({ status: "ok" });
});

it("that is none is a failure of its own", async () => {
  const [check] = proxyChecks([MIRROR], { HTTP_PROXY: "gopher://hunter2" });
  await expect(check?.run(new AbortController().signal)).rejects.toThrow(
    /^HTTP_PROXY is not the address of a proxy$/,
  );
});
