/** How to reach an API server and as whom. Plain data. */
export interface Connection {
  /** Without a path: `https://127.0.0.1:6443`. */
  readonly url: string
  /** Certificates that may have signed the server's, PEM. Default: those that node trusts. */
  readonly ca?: string
  /** Any certificate will do. Default false. */
  readonly skipVerify?: boolean
  readonly token?: string
  /** A client certificate, PEM; with `key`. */
  readonly cert?: string
  readonly key?: string
}

/** What tests need to know about a cluster to use it; plain data, so that it may go from process to process. */
export interface ClusterInfo {
  /** As an administrator. */
  readonly connection: Connection
  /** Marks the namespaces that this run of the tests makes. */
  readonly run: string
  /** What only a server of our own lets us see. */
  readonly own?: {
    /** Its audit log. */
    readonly auditFile: string
    /** The folder with `apiserver.crt` and `apiserver.key`. */
    readonly certFolder: string
  }
}
