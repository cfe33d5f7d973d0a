/** Where the passwords of users are, seen from the root. */
export const SHADOW_PATH = "etc/shadow";

/**
 * The users that have a password, or need none: with either somebody comes in who knows the image. `*`, `!` and `x` are
 * no password that anybody could type. Pure.
 * Source: shadow(5)
 */
export function usersWithPassword(shadow: string): { readonly user: string; readonly isEmpty: boolean }[] {
  return shadow.split("\n").flatMap((line) => {
    const [user = "", password] = line.split(":");
    if (password === undefined || /^[*!x]/.test(password)) return [];
    return [{ user, isEmpty: password === "" }];
  });
}
