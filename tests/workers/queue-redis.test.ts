import Redis from "ioredis";
import { testRedis } from "../support/database";
import { queueSuite } from "./queue-suite";

queueSuite({
  name: "Redis",
  env: () => ({ REDIS_URL: testRedis() }),
  empty: async () => {
    const redis = new Redis(testRedis());
    await redis.flushall();
    redis.disconnect();
  },
});
