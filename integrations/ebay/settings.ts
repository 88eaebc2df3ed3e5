/** Where eBay is and who we are to it. Addresses can be others, so that the sandbox or a local server stands in. */

/** The key that calls to the Finances API are signed with: eBay's JWE of the public half, and the private half (PKCS#8). */
export type SigningKey = Readonly<{ jwe: string; privateKey: string }>;

export type Settings = Readonly<{
  /** Orders, tokens and notifications; money, identity and keys; the page where a person signs in. */
  urls: Readonly<{ api: string; apiz: string; auth: string }>;
  clientId: string;
  clientSecret: string;
  /** What eBay knows the address by that a person comes back to. */
  ruName: string;
  /** null: one is made for each connection when it is signed in. */
  signingKey: SigningKey | null;
  /** What proves to eBay that the address for its calls is ours; null where no calls are wanted. */
  verificationToken: string | null;
  /** The address for eBay's calls as eBay was told it; null: the one that a call came to. */
  notificationUrl: string | null;
  /** How many things are asked for at once; eBay gives up to 200 of each kind. */
  pageSize: number;
}>;

type Environment = Readonly<Record<string, string | undefined>>;

/** From the environment: EBAY_CLIENT_ID, _CLIENT_SECRET, _RUNAME, and what README.md says of the others. */
export function settingsOf(environment: Environment): Settings {
  const of = (name: string): string | null => environment[name]?.trim() || null;
  const address = (name: string, otherwise: string) => (of(name) ?? otherwise).replace(/\/+$/, "");
  const api = of("EBAY_API_URL");
  const [privateKey, jwe] = [of("EBAY_SIGNING_KEY"), of("EBAY_SIGNING_JWE")];
  return {
    urls: {
      api: address("EBAY_API_URL", "https://api.ebay.com"),
      // A server that stands in for one of the three stands in for all, unless said.
      apiz: address("EBAY_APIZ_URL", api ?? "https://apiz.ebay.com"),
      auth: address("EBAY_AUTH_URL", api ?? "https://auth.ebay.com"),
    },
    clientId: of("EBAY_CLIENT_ID") ?? "",
    clientSecret: of("EBAY_CLIENT_SECRET") ?? "",
    ruName: of("EBAY_RUNAME") ?? "",
    signingKey: privateKey === null || jwe === null ? null : { jwe, privateKey },
    verificationToken: of("EBAY_VERIFICATION_TOKEN"),
    notificationUrl: of("EBAY_NOTIFICATION_URL"),
    pageSize: 200,
  };
}
