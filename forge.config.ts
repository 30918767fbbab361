/**
 * Packaging, `npx electron-forge make`: zip everywhere, deb on Linux, an installer on Windows. Only `.vite` is
 * shipped. The fuses take away what an attacker with access to the installed files could use; Electron verifies
 * the archive it loads.
 */
import { FuseV1Options, FuseVersion } from '@electron/fuses'
import { MakerDeb } from '@electron-forge/maker-deb'
import { MakerSquirrel } from '@electron-forge/maker-squirrel'
import { MakerZIP } from '@electron-forge/maker-zip'
import { FusesPlugin } from '@electron-forge/plugin-fuses'
import { VitePlugin } from '@electron-forge/plugin-vite'
import type { ForgeConfig } from '@electron-forge/shared-types'
import { join } from 'node:path'
import { writeAppManifest } from './scripts/app-manifest.ts'

const vite = new VitePlugin({
  build: [
    // Its config names the workers, too.
    { entry: 'electron/main.ts', config: 'vite.main.config.ts', target: 'main' },
    { entry: 'electron/preload.ts', config: 'vite.preload.config.ts', target: 'preload' },
  ],
  renderer: [{ name: 'main_window', config: 'vite.renderer.config.ts' }],
})
// The plugin ships the repository's package.json, which is the library's.
vite.packageAfterCopy = (_config, folder) => writeAppManifest(folder, join(folder, '.vite/build/main.cjs'))

const config: ForgeConfig = {
  packagerConfig: {
    name: 'Headwater',
    executableName: 'headwater',
    // A binary cannot be loaded from inside the archive.
    asar: { unpack: '**/*.node' },
  },
  // better-sqlite3 brings one Node-API binary for Node and Electron: nothing is rebuilt.
  rebuildConfig: { onlyModules: [] },
  makers: [new MakerZIP({}), new MakerDeb({}), new MakerSquirrel({})],
  plugins: [
    vite,
    new FusesPlugin({
      version: FuseVersion.V1,
      [FuseV1Options.RunAsNode]: false,
      [FuseV1Options.EnableCookieEncryption]: true,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
      [FuseV1Options.EnableNodeCliInspectArguments]: false,
      [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
      [FuseV1Options.OnlyLoadAppFromAsar]: true,
      [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
    }),
  ],
}

export default config
