/** One step of a path behind a function: `.name`, `?.name`, `.name()`, `[key]`. */
export type PathStep =
  | {
      readonly kind: 'member'
      readonly at: number
      readonly name: string
      readonly call: boolean
      readonly nullSafe: boolean
    }
  | { readonly kind: 'index'; readonly at: number; readonly key: Node; readonly nullSafe: boolean }

/** What stands between the commas of `name(a, b)`. */
export interface Argument {
  readonly node: Node
  /** As written, without blanks around it: what type names and kinds are read from. */
  readonly raw: string
  readonly at: number
}

/** A function in braces, with everything that is written behind its name. */
export interface FunctionNode {
  readonly kind: 'function'
  readonly at: number
  readonly name: string
  /** The text behind `name:`, for functions written so. */
  readonly colon?: Node
  /** Undefined where no parentheses were written. */
  readonly args?: readonly Argument[]
  readonly path: readonly PathStep[]
  /** The path as written, such as `.a.b`. */
  readonly rawPath: string
}

/** The tree of a Simple text. `at` is the offset in that text, from 0. */
export type Node =
  | { readonly kind: 'literal'; readonly at: number; readonly value: unknown }
  /** Rendered as text. */
  | { readonly kind: 'template'; readonly at: number; readonly parts: readonly Node[] }
  | FunctionNode
  /** `$param`: what the chain passes on, which is the body at this moment. */
  | { readonly kind: 'param'; readonly at: number }
  /** `$name` of the init block. */
  | { readonly kind: 'local'; readonly at: number; readonly name: string }
  /** `++` and `--`. */
  | { readonly kind: 'step'; readonly at: number; readonly by: 1 | -1; readonly operand: Node }
  | {
      readonly kind: 'compare'
      readonly at: number
      readonly operator: Comparison
      readonly negated: boolean
      readonly left: Node
      readonly right: Node
    }
  | { readonly kind: 'and' | 'or'; readonly at: number; readonly left: Node; readonly right: Node }
  | { readonly kind: 'not'; readonly at: number; readonly operand: Node }
  | { readonly kind: 'ternary'; readonly at: number; readonly condition: Node; readonly yes: Node; readonly no: Node }
  | { readonly kind: 'elvis'; readonly at: number; readonly left: Node; readonly right: Node }
  | {
      readonly kind: 'chain'
      readonly at: number
      readonly left: Node
      readonly right: Node
      readonly nullSafe: boolean
    }
  /** An init block and what follows it. */
  | { readonly kind: 'script'; readonly at: number; readonly locals: readonly Local[]; readonly body: Node }

/** `$name := value;` */
export interface Local {
  readonly name: string
  readonly value: Node
}

/** The comparisons without their negations. */
export type Comparison =
  | '=='
  | '=~'
  | '>'
  | '>='
  | '<'
  | '<='
  | '~~'
  | 'contains'
  | 'regex'
  | 'in'
  | 'is'
  | 'range'
  | 'startsWith'
  | 'endsWith'
  | 'equals'
