/** What is shipped, built once for all test files. */
export interface Built {
  /** Application folders: with every cluster service, with that of files alone, and with the fixtures beside `dist/main.js`. */
  readonly app: string
  readonly fileApp: string
  readonly fixturesApp: string
  /** Executables: the example, the one with the file service alone, and the fixture `loaded.ts`. */
  readonly native: string
  readonly fileNative: string
  readonly loadedNative: string
  /** Root folders for a `Jail`: of the image, of the image with `fixturesApp` in it, of `native`, and of `loadedNative`. */
  readonly imageRoot: string
  readonly fixturesRoot: string
  readonly nativeRoot: string
  readonly loadedRoot: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    built: Built
  }
}
