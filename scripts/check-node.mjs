/**
 * Imported before anything else by `npm start` and `npm test`, in plain JavaScript: an older Node would fail on
 * the first TypeScript file, and better-sqlite3 would crash it.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`Headwater needs Node 22.18 or newer, and this is Node ${process.versions.node}.`)
  console.error(
    'On Linux, "npm ci" brings a fitting Node that the npm scripts use; elsewhere see https://nodejs.org.',
  )
  process.exit(1)
}
