// npm wants a main file. n8n itself finds the node and the credential through the "n8n" field of package.json.
module.exports = {};
