/** The client that the practice server knows when nothing else is said. These guard nothing: they are in the documentation. */
export const defaultClient = { id: "lotbook", secret: "practice-needs-no-secret" } as const;
export const defaultPort = 4010;
