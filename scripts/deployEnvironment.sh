# Read by the steps of workflows that have a stack's secrets (.github/workflows/deploy.yml, drift.yml): has the environment as the
# program takes it. A secret that is not set arrives as empty text, which is not the same as none.
set -eu
for name in PULUMI_BACKEND_URL PULUMI_ACCESS_TOKEN PULUMI_CONFIG_PASSPHRASE KUMA_GLOBAL_TOKEN; do
  eval "[ -n \"\${$name:-}\" ]" || unset "$name"
done
if [ -n "${DEPLOY_KUBECONFIG:-}" ]; then
  KUBECONFIG="${RUNNER_TEMP:?}/kubeconfig"
  export KUBECONFIG
  (umask 077 && printf '%s' "$DEPLOY_KUBECONFIG" > "$KUBECONFIG")
fi
unset DEPLOY_KUBECONFIG
