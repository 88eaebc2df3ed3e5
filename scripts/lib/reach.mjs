// Proves that the database and the Redis let us in, and makes the embedded cluster's database. Runs as a process of its
// own after the installation, because it needs packages. Prints the database's identity as JSON, or one line of what
// is wrong.

import postgres from "postgres";

const [databaseUrl, redisUrl, create] = [process.env.DATABASE_URL, process.env.REDIS_URL, process.argv[2] === "create"];

async function reachDatabase() {
  const url = new URL(databaseUrl);
  const name = decodeURIComponent(url.pathname.slice(1));
  if (create) {
    const maintenance = new URL(url);
    maintenance.pathname = "/postgres";
    const admin = postgres(maintenance.href, { max: 1, onnotice: () => undefined });
    const [found] = await admin`select 1 from pg_database where datname = ${name}`;
    if (!found) await admin`create database ${admin(name)} encoding 'UTF8' template template0`;
    await admin.end();
  }
  const sql = postgres(databaseUrl, { max: 1, connect_timeout: 10, onnotice: () => undefined });
  const [server] = await sql`
    select current_setting('server_version_num')::int as version,
      (select oid::text from pg_database where datname = current_database()) as oid,
      (select system_identifier::text from pg_control_system()) as cluster`;
  await sql.end();
  if (server.version < 150000) {
    throw new Error(`it is PostgreSQL ${Math.floor(server.version / 10000)}, and Lotbook needs 15 or newer`);
  }
  return `${server.cluster}/${server.oid}`;
}

async function reachRedis() {
  const { default: Redis } = await import("ioredis");
  const redis = new Redis(redisUrl, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  // What it reports besides the refusal of connect() is the same trouble once more.
  redis.on("error", () => undefined);
  try {
    await redis.connect();
    await redis.ping();
  } finally {
    redis.disconnect();
  }
}

async function attempt(name, work) {
  try {
    return await work();
  } catch (error) {
    console.error(`${name} cannot be used: ${(error.message || error.code).replace(/\.$/, "")}.`);
    process.exit(1);
  }
}

const identity = await attempt("DATABASE_URL", reachDatabase);
if (redisUrl) await attempt("REDIS_URL", reachRedis);
console.log(JSON.stringify({ identity }));
