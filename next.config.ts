import type { NextConfig } from "next";

const config: NextConfig = {
  // What these load at run time (native code, fonts, scripts for Redis) a bundle would not find.
  serverExternalPackages: ["@node-rs/argon2", "bullmq", "exceljs", "pdfkit", "pg", "postgres", "pino"],
  // Types are checked by `npm run check`, tests and all; a first start need not wait for that.
  typescript: { ignoreBuildErrors: true },
  // The proxy holds a body while it looks at its head, and would cut it at 10 MB: an upload may have 20 (it is counted where it is read).
  experimental: { proxyClientMaxBodySize: 22 * 1024 * 1024 },
  poweredByHeader: false,
  reactStrictMode: true,
  // Another project's lockfile in a folder above is not ours.
  turbopack: { root: import.meta.dirname },
};

export default config;
