#!/bin/sh
# Makes a certificate authority and certificates for a secured Kafka, by openssl alone:
#   make-certificates.sh FOLDER NAME[:HOST,HOST…]…       such as  /certificates kafka:kafka,localhost,127.0.0.1 admin ksp
# Each NAME becomes the subject (CN=NAME, which Kafka takes for User:CN=NAME), and gets in FOLDER
#   NAME.pem, NAME.key         certificate and key
#   NAME.keystore.pem          both in one file, as Kafka's ssl.keystore.type=PEM has them
# beside the authority's ca.pem (for ssl.truststore and KAFKA_SSL_CA_FILE) and ca.key. Keys are readable by their owner
# alone: the user who runs it, or for all but ca.key the one that OWNER names (as in OWNER=1000, when root runs it).
# With all of them there it does nothing; files are never overwritten: to renew a certificate, remove NAME.pem, NAME.key
# and NAME.keystore.pem and run it again. DAYS: how long they hold (825).
set -eu
umask 077

if [ $# -lt 2 ]; then
  echo "Expected a folder and names, as in: $0 /certificates kafka:kafka,localhost,127.0.0.1 ksp" >&2
  exit 2
fi
folder=$1
shift
days=${DAYS:-825}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ ! -d "$folder" ]; then
  mkdir -p "$folder"
  chmod 755 "$folder"
fi

new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

# All files of one thing, or none: half of them were not made here, or not to the end.
present() {
  there=0
  for file in "$@"; do
    if [ -e "$folder/$file" ]; then there=$((there + 1)); fi
  done
  if [ "$there" -ne 0 ] && [ "$there" -ne $# ]; then
    echo "Expected all of $* in $folder, or none: remove what is there of them" >&2
    exit 1
  fi
  [ "$there" -eq $# ]
}

if ! present ca.pem ca.key; then
  new_key "$work/ca.key"
  openssl req -x509 -new -key "$work/ca.key" -out "$work/ca.pem" -days "$days" -subj "/CN=Kafka authority" \
    -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign"
  chmod 644 "$work/ca.pem"
  mv "$work/ca.key" "$work/ca.pem" "$folder"
fi

for wanted in "$@"; do
  name=${wanted%%:*}
  case $name in
    "" | ca | *[!A-Za-z0-9._-]*)
      echo "Expected a name of letters, digits and . _ - (and not ca), got \"$name\"" >&2
      exit 2
      ;;
  esac
  if present "$name.pem" "$name.key" "$name.keystore.pem"; then continue; fi
  {
    echo "basicConstraints=critical,CA:FALSE"
    echo "keyUsage=critical,digitalSignature"
    echo "extendedKeyUsage=serverAuth,clientAuth"
    if [ "$wanted" != "$name" ]; then
      names=""
      for host in $(echo "${wanted#*:}" | tr , ' '); do
        case $host in
          *:*) kind=IP ;;
          *[!0-9.]*) kind=DNS ;;
          *) kind=IP ;;
        esac
        names="$names${names:+,}$kind:$host"
      done
      echo "subjectAltName=$names"
    fi
  } >"$work/extensions"
  new_key "$work/$name.key"
  openssl req -new -key "$work/$name.key" -out "$work/request" -subj "/CN=$name"
  openssl x509 -req -in "$work/request" -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -set_serial "0x$(openssl rand -hex 16)" \
    -out "$work/$name.pem" -extfile "$work/extensions" -days "$days" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
  cat "$work/$name.key" "$work/$name.pem" >"$work/$name.keystore.pem"
  chmod 644 "$work/$name.pem"
  if [ -n "${OWNER:-}" ]; then chown "$OWNER" "$work/$name.key" "$work/$name.keystore.pem"; fi
  mv "$work/$name.key" "$work/$name.pem" "$work/$name.keystore.pem" "$folder"
done
