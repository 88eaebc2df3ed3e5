/** What the server and the connector agree on when nothing else is said. The client's secret guards nothing: it is in the documentation. */
export const defaultPort = 4010;

type Environment = Readonly<Record<string, string | undefined>>;
export type Client = Readonly<{ id: string; secret: string }>;

/** From PRACTICE_CLIENT_ID and PRACTICE_CLIENT_SECRET. */
export function clientOf(environment: Environment): Client {
  return {
    id: settingOf(environment, "PRACTICE_CLIENT_ID") ?? "lotbook",
    secret: settingOf(environment, "PRACTICE_CLIENT_SECRET") ?? "practice-needs-no-secret",
  };
}

/** A variable's value; null where it is not set or empty. */
export function settingOf(environment: Environment, name: string): string | null {
  return environment[name]?.trim() || null;
}
