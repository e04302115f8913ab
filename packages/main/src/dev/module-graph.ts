interface Version {
  /** What it imports, by URL. Grows while it runs: an `import()` may come late. */
  readonly imports: Set<string>
  /** What it requires. Node says so when that is loaded only: while it is kept, a new version is not heard to require it. */
  readonly requires: Set<string>
  /** Of the content that was loaded; undefined before that. */
  content: string | undefined
}

interface Module {
  /** The one that is loaded from now on. */
  current: number
  /** The one that Node keeps by the plain URL: by that the entry begins, and whatever is required goes. */
  plain: number | undefined
  /** The current one, and the one that runs while another is tried. */
  readonly versions: Map<number, Version>
}

const PARAMETER = 'dromedary'

/**
 * The project's modules, who imports whom, and which version of each is the current one. Node never loads a URL twice, so
 * a version of a module is a URL of its own: `routes.ts?dromedary=3`. The entry begins with the plain URL; so goes what is
 * required, and all that it imports. Here modules are known by their plain URLs.
 */
export class ModuleGraph {
  readonly #entry: string
  readonly #modules = new Map<string, Module>()
  readonly #byPath = new Set<string>()
  /** Also of modules that are gone: a URL that was loaded once gives the old content for ever. */
  #newest = 0

  constructor(entry: string) {
    this.#entry = entry
    this.#modules.set(entry, { current: 0, plain: undefined, versions: new Map([[0, fresh()]]) })
  }

  /** All that are looked after, also those that could not be loaded. */
  get urls(): string[] {
    return [...this.#modules.keys()]
  }

  /** The plain URL and the version that a module's own URL stands for. */
  static parse(url: string): { readonly url: string; readonly version: number } {
    const match = PATTERN.exec(url)
    if (match === null) return { url, version: 0 }
    return { url: url.slice(0, match.index) + url.slice(match.index + match[0].length), version: Number(match[1]) }
  }

  /** A text with plain URLs in the place of those of versions: editors open these. */
  static plain(text: string): string {
    return text.replaceAll(ANYWHERE, '')
  }

  /** What Node is to load for it now. */
  versioned(url: string): string {
    const version = this.#modules.get(url)?.current ?? 0
    if (version === 0) return url
    return `${url}${url.includes('?') ? '&' : '?'}${PARAMETER}=${version}`
  }

  /** Whether this version of a module is the one that is loaded now. */
  isCurrent({ url, version }: { readonly url: string; readonly version: number }): boolean {
    return this.#modules.get(url)?.current === version
  }

  /** Whether nobody will ask for what Node loaded by this URL again: another version has taken its place. */
  isReplaced(url: string): boolean {
    const parsed = ModuleGraph.parse(url)
    const module = this.#modules.get(parsed.url)
    // A plain URL that is not known here is of a module that is not looked after.
    if (module === undefined) return parsed.version !== 0
    return module.current !== (parsed.version === 0 ? module.plain : parsed.version)
  }

  /** Whether it is an ES module that is required, or that such a one imports: its URL is the plain one. */
  isPlain(url: string): boolean {
    const parsed = ModuleGraph.parse(url)
    if (parsed.version !== 0 || parsed.url === this.#entry || this.#byPath.has(parsed.url)) return false
    return this.#modules.has(parsed.url)
  }

  /** The version that a module is by its own URL, or by its path: that is always the current one. */
  versionOf(url: string, byPath = false): { readonly url: string; readonly version: number } {
    const parsed = ModuleGraph.parse(url)
    const isCurrent = byPath || this.#byPath.has(parsed.url)
    return isCurrent ? { url: parsed.url, version: this.#modules.get(parsed.url)?.current ?? 0 } : parsed
  }

  /** It is CommonJS: Node knows it by its path, so there is only one of it, and its own URL is the plain one. */
  isByPath(url: string): void {
    this.#byPath.add(url)
  }

  /** A version of one module imports another one. What a version that was replaced imports late is of no interest. */
  link(parent: { readonly url: string; readonly version: number }, child: string, isRequired = false): void {
    const from = this.#modules.get(parent.url)?.versions.get(parent.version)
    if (from === undefined) return
    from.imports.add(child)
    if (isRequired) from.requires.add(child)
    if (this.#modules.has(child)) return
    // It may have been here before, and Node still has what it was.
    const version = this.#newest
    this.#modules.set(child, { current: version, plain: undefined, versions: new Map([[version, fresh()]]) })
  }

  /** The content that Node took for a version, and whether it keeps it by the plain URL. */
  loaded({ url, version }: { readonly url: string; readonly version: number }, content: string, isPlain = false): void {
    const module = this.#modules.get(url)
    const of = module?.versions.get(version)
    if (of !== undefined) of.content = content
    if (module !== undefined && isPlain) module.plain = version
  }

  /** The content of the current version; undefined when it was not loaded yet. */
  contentOf(url: string): string | undefined {
    const module = this.#modules.get(url)
    return module?.versions.get(module.current)?.content
  }

  /**
   * These have another content now: they and all that import them, however far away, get a new version. Returns all of
   * those.
   */
  renew(urls: Iterable<string>): ReadonlySet<string> {
    const version = ++this.#newest
    const renewed = this.#withImporters(urls)
    for (const url of renewed) {
      const module = this.#modules.get(url) as Module
      const requires = module.versions.get(module.current)?.requires
      // The first one runs. What was tried since then, but for the last time, says nothing any more.
      for (const tried of [...module.versions.keys()].slice(1, -1)) module.versions.delete(tried)
      module.current = version
      module.versions.set(version, fresh(requires))
    }
    return renewed
  }

  /** Those that import it, of any version that runs or was tried. */
  importersOf(url: string): string[] {
    return this.urls.filter(one => this.#importsOf(one).has(url))
  }

  /** The current versions run: what was before them, and what nobody imports any more, is forgotten. */
  commit(): void {
    for (const module of this.#modules.values()) {
      for (const version of module.versions.keys()) if (version !== module.current) module.versions.delete(version)
    }
    const reached = new Set<string>()
    const reach = (url: string) => {
      if (reached.has(url)) return
      reached.add(url)
      for (const next of this.#importsOf(url)) reach(next)
    }
    reach(this.#entry)
    for (const url of this.#modules.keys()) if (!reached.has(url)) this.#modules.delete(url)
    // Whoever is imported anew must not get what was loaded under an old version of its URL.
    this.#newest++
  }

  #withImporters(urls: Iterable<string>): Set<string> {
    const found = new Set<string>()
    const add = (url: string) => {
      if (found.has(url) || !this.#modules.has(url)) return
      found.add(url)
      for (const importer of this.importersOf(url)) add(importer)
    }
    for (const url of urls) add(url)
    return found
  }

  #importsOf(url: string): Set<string> {
    return new Set([...(this.#modules.get(url)?.versions.values() ?? [])].flatMap(({ imports }) => [...imports]))
  }
}

const ANYWHERE = new RegExp(`[?&]${PARAMETER}=\\d+`, 'g')
const PATTERN = new RegExp(`[?&]${PARAMETER}=(\\d+)$`)

const fresh = (requires?: Iterable<string>): Version => ({
  imports: new Set(requires),
  requires: new Set(requires),
  content: undefined,
})
