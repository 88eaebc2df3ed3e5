// Who may import whom (docs/architecture.md). tests/house/imports.test.ts plants a violation of each of these rules.
const rule = (name, from, to, comment) => ({ name, severity: "error", comment, from, to });

/** A room of lib may import those before it, never those after it. */
const rooms = ["system", "people", "books", "stock", "sales", "money"];
const pairs = rooms.flatMap((room, place) =>
  rooms
    .slice(place + 1)
    .map((later) =>
      rule(
        `${room}-does-not-know-${later}`,
        { path: `^lib/${room}/` },
        { path: `^lib/${later}/` },
        `The rooms stand in the order ${rooms.join(" < ")}: ${later} may use ${room}, not the other way round.`,
      ),
    ),
);

module.exports = {
  forbidden: [
    // Types alone may go round: they are gone before anything runs.
    rule(
      "no-cycles",
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
      "A cycle means that two modules are one.",
    ),
    rule("no-unresolved", {}, { couldNotResolve: true }, "An import that leads nowhere."),
    rule(
      "core-is-pure",
      { path: "^lib/core/" },
      { pathNot: "^lib/core/" },
      "The rules know nothing but themselves: no package, no node:, no other folder.",
    ),
    rule(
      "enter-by-the-door",
      { pathNot: "^(lib/core/[^/]+/|tests/)" },
      { path: "^lib/core/[^/]+/", pathNot: "^lib/core/(reports/|[^/]+/index\\.ts$)" },
      "The insides of a rule are nobody else's: enter by its index.ts.",
    ),
    rule(
      "db-knows-only-core",
      { path: "^db/" },
      { path: "^(app|workers|integrations|scripts|lib/(?!core/))", pathNot: "^scripts/lib/postgres\\." },
      "The database knows the vocabulary and nothing that uses it. (The embedded server is shared with npm start.)",
    ),
    rule(
      "connectors-know-only-core",
      { path: "^integrations/" },
      { path: "^(app|workers|db|scripts|lib/(?!core/))|node_modules/(next|react|bullmq|drizzle-orm|postgres)/" },
      "A channel turns documents into facts; it has no database, no queue and no page.",
    ),
    rule(
      "no-connector-imports-another",
      { path: "^integrations/([^/]+)/" },
      { path: "^integrations/[^/]+/", pathNot: "^integrations/$1/" },
      "Channels do not know each other.",
    ),
    ...pairs,
    rule(
      "services-know-no-shell",
      { path: "^lib/(?!core/)" },
      { path: "^(app|workers|scripts)/|^integrations/[^/]+/|node_modules/(next|next-auth|react|bullmq)/" },
      "A service is called by pages, jobs and scripts alike, and knows none of them.",
    ),
    rule(
      "rooms-know-no-overseer",
      { path: `^lib/(core|${rooms.join("|")})/` },
      { path: "^lib/[^/]+\\.ts$" },
      "What looks over all rooms stands above them.",
    ),
    rule(
      "workers-go-through-services",
      { path: "^workers/" },
      { path: "^(app|db|integrations|scripts)/|node_modules/(drizzle-orm|postgres|next|react)/" },
      "A handler calls a service.",
    ),
    rule(
      "app-goes-through-services",
      { path: "^app/" },
      { path: "^(db|workers|integrations|scripts)/|node_modules/(drizzle-orm|postgres|bullmq|ioredis)/" },
      "A page calls a service.",
    ),
    rule(
      "browser-gets-core-only",
      { path: "\\.client\\.tsx?$" },
      { path: "^lib/(?!core/)" },
      "What runs in the browser may know the rules, not the services.",
    ),
    rule(
      "browser-has-no-node",
      { path: "\\.client\\.tsx?$" },
      { dependencyTypes: ["core"] },
      "There is no node: in the browser.",
    ),
    rule(
      "one-door-to-the-database",
      { pathNot: "^(db/|scripts/migrate|tests/)" },
      { path: "^db/client" },
      "No query without a business or a reason: enter by db/scope.ts.",
    ),
    rule(
      "product-knows-no-tests",
      { path: "^(app|db|integrations|lib|workers|scripts)/" },
      { path: "^tests/" },
      "Tests know the product; the product does not know its tests.",
    ),
    rule(
      "tests-of-core-know-only-core",
      { path: "^tests/core/" },
      { path: "^(app|db|integrations|workers|lib/(?!core/))" },
      "Mutation testing copies lib/core and its tests alone (stryker.config.mjs).",
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
