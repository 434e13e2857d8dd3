/** What any program needs, to find others and to speak the user's language (Windows needs its own to start anything). */
const PLAIN =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|TMP|TEMP|SYSTEMROOT|SYSTEMDRIVE|COMSPEC|PATHEXT|WINDIR|USERPROFILE|LOCALAPPDATA|APPDATA)$/i;

/** How networks are reached: proxies, and the authorities that stand in for the system's. */
const NETWORK = /^((HTTPS?|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR))$/i;

/** Go's own settings (`go help environment`), and what it is told of the servers of modules. */
const GO = /^(GO[A-Z0-9]*|CGO_ENABLED|XDG_CACHE_HOME|XDG_CONFIG_HOME|NETRC|GIT_SSL_\w+)$/;

/**
 * What a program inherits that is no engine of Pulumi's, such as a `kuma-cp` that is asked for its version: the
 * environment of this program holds tokens, passphrases and the credentials of clouds.
 */
export function plainEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return only(env, [PLAIN]);
}

/** The same for Go, which fetches modules. */
export function goEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return only(env, [PLAIN, NETWORK, GO]);
}

function only(env: NodeJS.ProcessEnv, patterns: readonly RegExp[]): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => patterns.some((pattern) => pattern.test(name))),
  );
}
