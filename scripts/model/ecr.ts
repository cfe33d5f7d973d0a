import { isAbsolute, join } from "node:path";
import { type Written, withDefaults } from "./written.ts";

/** How repositories in Amazon ECR are made; see `ecr` of the catalog. */
export interface EcrSettings {
  /** Where the registry's host does not say it. */
  readonly region?: string;
  readonly scanOnPush: boolean;
  readonly encryption: "AES256" | "KMS";
  readonly kmsKey?: string;
  /** Path of the policy that each repository gets, JSON. */
  readonly repositoryPolicy?: string;
  /** Days that an image without a tag stays. */
  readonly untaggedDays: number;
}

export const DEFAULT_ECR: EcrSettings = { scanOnPush: true, encryption: "AES256", untaggedDays: 14 };

/** The settings of a block. @param folder of the catalog that has it, which its paths are from */
export function ecrOf(file: Written<EcrSettings>, folder: string): EcrSettings {
  const { kmsKey, repositoryPolicy: policy } = file;
  const encryption = kmsKey === undefined ? DEFAULT_ECR.encryption : "KMS";
  const settings = withDefaults({ ...DEFAULT_ECR, encryption }, file);
  if (policy === undefined) return settings;
  return { ...settings, repositoryPolicy: isAbsolute(policy) ? policy : join(folder, policy) };
}
