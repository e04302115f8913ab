import { z } from 'zod'
import { DromedaryError } from '../errors.ts'
import { writtenPath } from '../uri/normalise.ts'
import { didYouMean } from '../uri/suggest.ts'
import { VERSION } from '../version.ts'
import type {
  ButLast,
  EndpointComponent,
  PathByName,
  PathOf,
  PathValues,
  SyntaxNames,
  TypeWitness,
  WrappingComponent,
} from './component-types.ts'
import type { Component, ComponentMeta, Endpoint, EndpointInit } from './contract.ts'
import { describeOptions } from './describe-options.ts'
import { type EndpointRef, isEndpointRef, writeQuery } from './endpoint-ref.ts'
import { parseOptions } from './parse-options.ts'
import { type PathParameter, type PathSyntax, readPath, readSyntax, writeParameters } from './path-syntax.ts'

/** What a component is made from. */
export interface ComponentSpec<S extends string, Syntax extends string, Path, Schema extends z.ZodObject, B, W, L> {
  /** `timer` */
  readonly scheme: S
  /** What it is, in one sentence. */
  readonly title: string
  /** The path after `scheme:`, names and what stands between them: `timerName`, `protocol://host:port`. */
  readonly syntax: Syntax
  /** A sentence for each name of the syntax. */
  readonly path: Path
  /** The schema of the query, from the option functions (`duration()`, `flag()`, …). Called once, on first use. */
  readonly options?: () => Schema
  readonly consumes: boolean
  readonly produces: boolean
  /** Options that Camel has and this component has not, each with the reason. Naming one is an error that says it. */
  readonly refused?: Readonly<Record<string, string>>
  /** Unknown options are not refused, but come as `at.extra`. */
  readonly lenient?: L
  /** The last name of the syntax is the URI of another endpoint: it comes as written, and the whole query is its own. */
  readonly wraps?: W
  /** What the consumer puts into the body: `typeOf<Buffer>()`. */
  readonly body?: TypeWitness<B>
  /** Pure and synchronous: no I/O, no timers. */
  endpoint(at: EndpointAt<Path, z.output<Schema>>): Endpoint
}

/** What the endpoint is made from, checked and decoded. */
export interface EndpointAt<Path, Options> {
  /** The path parameters by name, decoded; the URI that is wrapped, as written. */
  readonly path: PathByName<Path>
  readonly options: Options
  /** Options of the URI that the component does not know; only a lenient one gets any. */
  readonly extra: ReadonlyMap<string, readonly string[]>
  /** Normal form, secrets masked: what `Endpoint.uri` must be. */
  readonly uri: string
  readonly init: EndpointInit
}

/** What may be written: of a lenient component anything besides its own. */
type Written<Schema extends z.ZodObject, L> = L extends true
  ? z.input<Schema> & { readonly [extra: string]: unknown }
  : z.input<Schema>
type NoOptions = z.ZodObject<Record<never, never>>
type Defined<S extends string, Syntax extends string, Path, O extends object, B, W> = W extends true
  ? WrappingComponent<S, ButLast<PathValues<SyntaxNames<Syntax>, Path>>, O>
  : EndpointComponent<S, PathValues<SyntaxNames<Syntax>, Path>, O, B>

/**
 * Makes a component from its declaration: the one way to make one, for built-in and foreign ones alike. The result is
 * passed to the context, and can be called: `timer('tick', { period: '5s' })` is an endpoint, `timer({ period: '5s' })`
 * the component with other defaults. Throws a TypeError when syntax and path do not fit each other.
 */
export function defineComponent<
  const S extends string,
  const Syntax extends string,
  const Path extends PathOf<Syntax>,
  Schema extends z.ZodObject = NoOptions,
  B = unknown,
  const W extends boolean = false,
  const L extends boolean = false,
>(spec: ComponentSpec<S, Syntax, Path, Schema, B, W, L>): Defined<S, Syntax, Path, Written<Schema, L>, B, W> {
  const loose = spec as unknown as LooseSpec
  const syntax = readSyntax(spec.scheme, spec.syntax, spec.path as Record<string, PathParameter>, loose.wraps ?? false)
  const schema = once(() => loose.options?.() ?? z.object({}))
  const meta = once(() => describeComponent(loose, syntax, schema()))
  return make({ spec: loose, syntax, schema, meta, defaults: undefined }) as Defined<
    S,
    Syntax,
    Path,
    z.input<Schema>,
    B,
    W
  >
}

type LooseSpec = ComponentSpec<string, string, Record<string, PathParameter>, z.ZodObject, unknown, boolean, boolean>

interface Recipe {
  readonly spec: LooseSpec
  readonly syntax: PathSyntax
  readonly schema: () => z.ZodObject
  readonly meta: () => ComponentMeta
  readonly defaults: object | undefined
}

function make(recipe: Recipe): Component {
  const { spec, meta } = recipe
  const call = (...given: readonly unknown[]): EndpointRef | Component => {
    const [first] = given
    const isDefaults = given.length === 1 && typeof first === 'object' && first !== null && !isEndpointRef(first)
    return isDefaults ? withDefaults(recipe, first) : refer(recipe, given)
  }
  Object.defineProperties(call, {
    name: { value: spec.scheme },
    scheme: { value: spec.scheme, enumerable: true },
    meta: { get: meta, enumerable: true },
    '~core': { value: VERSION },
    endpoint: { value: (init: EndpointInit) => connect(recipe, init), enumerable: true },
  })
  return Object.freeze(call) as unknown as Component
}

function connect({ spec, syntax, schema, defaults }: Recipe, init: EndpointInit): Endpoint {
  const { uri } = init
  const written = syntax.wraps ? uri.rest.replace(/^\/\//, '') : writtenPath(uri.rest)
  const path = readPath(syntax, written, uri.masked) as PathByName<Record<string, PathParameter>>
  const { options, extra } = parseOptions(schema(), syntax.wraps ? new Map() : uri.parameters, {
    scheme: spec.scheme,
    uri: uri.masked,
    defaults,
    lenient: spec.lenient,
    refused: spec.refused,
    lookup: name => init.context.lookup(name),
  })
  return spec.endpoint({ path, options, extra, uri: uri.masked, init })
}

function refer({ spec, syntax }: Recipe, given: readonly unknown[]): EndpointRef {
  const count = syntax.parameters.length
  const path = given.slice(0, count).map(value => {
    if (value === undefined || value === null) return undefined
    return isEndpointRef(value) ? value.uri : String(value)
  })
  const options = syntax.wraps ? undefined : given[count]
  const query = typeof options === 'object' && options !== null ? writeQuery(spec.scheme, options) : ''
  return Object.freeze({ uri: `${spec.scheme}:${writeParameters(syntax, path)}${query}` })
}

/** Checks at once what can be checked without the rest: names and values, but not what is missing. */
function withDefaults(recipe: Recipe, defaults: object): Component {
  const { scheme } = recipe.spec
  const { shape } = recipe.schema()
  for (const [name, value] of Object.entries(defaults)) {
    const option = Object.hasOwn(shape, name) ? shape[name] : undefined
    if (option === undefined) {
      const hint = didYouMean(name, Object.keys(shape))
      throw new DromedaryError(
        'DROMEDARY_UNKNOWN_OPTION',
        `${scheme} has no option ${name}, which is given as a default${hint}`,
      )
    }
    if (typeof value === 'string' && value.includes('{{')) {
      throw new DromedaryError(
        'DROMEDARY_INVALID_OPTION',
        `the default of ${scheme} option ${name} has a placeholder: placeholders are resolved in URIs only`,
      )
    }
    const problem = z.safeParse(option, value).error?.issues[0]
    if (problem)
      throw new DromedaryError('DROMEDARY_INVALID_OPTION', `the default of ${scheme} option ${name} ${problem.message}`)
  }
  return make({ ...recipe, defaults: { ...recipe.defaults, ...defaults } })
}

function describeComponent(spec: LooseSpec, syntax: PathSyntax, schema: z.ZodObject): ComponentMeta {
  const path = syntax.parameters.map(({ name, description, optional }) => {
    return { name, kind: 'path' as const, type: 'string', required: !optional, description }
  })
  return {
    scheme: spec.scheme,
    title: spec.title,
    syntax: syntax.text,
    consumes: spec.consumes,
    produces: spec.produces,
    wraps: syntax.wraps,
    options: [...path, ...describeOptions(schema)],
  }
}

function once<T>(create: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: create() }
    return made.value
  }
}
