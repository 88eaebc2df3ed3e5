import type { NextConfig } from "next";

const config: NextConfig = {
  // What these load at run time (native code, fonts, scripts for Redis) a bundle would not find.
  serverExternalPackages: ["@node-rs/argon2", "bullmq", "pg", "postgres", "pino"],
  // Types are checked by `npm run check`, tests and all; a first start need not wait for that.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  reactStrictMode: true,
  // Another project's lockfile in a folder above is not ours.
  turbopack: { root: import.meta.dirname },
};

export default config;
