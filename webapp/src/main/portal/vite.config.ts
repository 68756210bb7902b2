import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const port = Number(process.env.PORTAL_DEV_PORT ?? 18500);

export default defineConfig(async ({ mode }) => ({
  plugins: [react(), ...(mode === 'mock' ? [(await import('./mock/server.ts')).mockServer()] : [])],
  build: {
    outDir: process.env.PORTAL_OUT ?? '../../../target/portal',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: {
    host: '127.0.0.1',
    port,
    strictPort: true,
    proxy:
      mode === 'mock'
        ? undefined
        : { '/api': { target: process.env.PILOTHOUSE_HTTP ?? 'http://127.0.0.1:9080', changeOrigin: false } },
  },
  preview: { host: '127.0.0.1', port, strictPort: true },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
}));
