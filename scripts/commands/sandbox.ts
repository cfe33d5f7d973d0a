import type { Command } from "commander";
export function addSandbox(_program: Command): void {}
