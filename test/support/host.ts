/**
 * Lets unit tests take this machine for one of another architecture, by BIRDHOUSE_TEST_ARCH: half of the maintainers sit at
 * an arm64 Mac, and every decision that asks for the host's platform has to come out right there.
 */
const { BIRDHOUSE_TEST_ARCH } = process.env;
if (BIRDHOUSE_TEST_ARCH) {
  // A program of this machine, which looks for itself by the architecture.
  await import("vite");
  Object.defineProperty(process, "arch", { value: BIRDHOUSE_TEST_ARCH });
}

export {};
