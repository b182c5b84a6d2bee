#!/usr/bin/env bash
# Works out the fixed vectors of vectors.json by hand: the canonical requests are written down line by line as
# "App-based Authentication Generation Rule" of the KooDrive API Reference wants them, and openssl does the rest.
# Run it as: bash test/credentials/vectors.sh > test/credentials/vectors.json
set -euo pipefail

secret='f3a9d27c5b8e41c09d6e7f8a1b2c3d4e'
headers=$'host:intl.myhuaweicloud-koodrive.com\nx-date:20251103T070140Z\nx-user-id:1505084218764547200\n'
signed='host;x-date;x-user-id'

sha256() { openssl dgst -sha256 -r | cut -d' ' -f1; }
hmac() { openssl dgst -sha256 -hmac "$secret" -r | cut -d' ' -f1; }
json() { node -p 'JSON.stringify(require("fs").readFileSync(0, "utf8"))'; }

vector() {
	local name=$1 method=$2 uri=$3 query=$4 body=$5
	local canonical hash
	canonical=$(printf '%s\n%s\n%s\n%s\n%s\n%s' "$method" "$uri" "$query" "$headers" "$signed" "$(printf '%s' "$body" | sha256)")
	hash=$(printf '%s' "$canonical" | sha256)
	printf '\t{\n\t\t"name": "%s",\n\t\t"body": %s,\n\t\t"canonicalRequest": %s,\n\t\t"stringToSign": "HMAC-SHA256\\n%s",\n\t\t"signature": "%s"\n\t}' \
		"$name" "$(printf '%s' "$body" | json)" "$(printf '%s' "$canonical" | json)" "$hash" \
		"$(printf 'HMAC-SHA256\n%s' "$hash" | hmac)"
}

echo '['
vector renew PATCH /koodrive/ose/v1/backup/lock/ '' ''
echo ','
vector create POST /koodrive/ose/v1/backup/lock/ '' '{"moduleCode":"102"}'
echo ','
vector list GET /koodrive/ose/v1/backup/record/ 'Zeta=1&cursor=a%20b%2Bc%25~&deviceId=&moduleCode=100&pageSize=1' ''
printf '\n]\n'
