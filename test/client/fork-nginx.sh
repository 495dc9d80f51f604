#!/bin/bash
# fork-nginx.sh: nginx loads a key in its master, and four workers that it
# forks serve TLS with it.

client_tpm=--rm
# shellcheck source=../lib/client.sh
. "$(dirname "$0")/../lib/client.sh"
handshakes=1000

forks()
{
	# shellcheck disable=SC2046
	cc -std=c11 -D_GNU_SOURCE -Wall -g -I"$tap_top/src" \
	    $(pkg-config --cflags p11-kit-1) -o fork \
	    "$tap_top"/test/client/{fork,gateway_calls}.c -ldl ||
	    tap_fail 'fork.c is built'
	says 'a worker that is forked signs, and its master goes on' \
	    '^the worker signed' eval './fork; true'
	says '... and knows no handle of its master' \
	    'finds the handle of the master dead' ./fork
	says '... and its master goes on' '^the master again signed' \
	    eval './fork; true'
}

write_conf()
{
	engine_conf
	sed -i 's/^init = 0/init = 1/' openssl.cnf     # nginx does not
	cat >nginx.conf <<-END
	$(printf 'env %s;\n' OPENSSL_CONF P11_MODULE DBUS_SESSION_BUS_ADDRESS \
	    "${!TPM2_CRYPTOKI_@}")
	$([ "$(id -u)" != 0 ] || echo "user root;")
	daemon off;
	worker_processes 4;
	pid nginx.pid;
	error_log stderr notice;
	events { worker_connections 64; }
	http {
		access_log off;
		$(printf '%s_temp_path tmp;\n' client_body proxy fastcgi \
		    uwsgi scgi)
		ssl_session_cache off;
		ssl_session_tickets off;
		server {
			listen unix:$PWD/ec.sock ssl;
			ssl_certificate ec.pem;
			ssl_certificate_key "engine:pkcs11:$(uri tls)";
			location / { return 200 "worker \$pid\n"; }
		}
		server {
			listen unix:$PWD/rsa.sock ssl;
			ssl_certificate rsa.pem;
			ssl_certificate_key "engine:pkcs11:$(uri rsa)";
			location / { return 200 "worker \$pid\n"; }
		}
	}
	END
}

# A full handshake, by which the server proves that it has the key.
request()       # KEY
{
	printf 'GET / HTTP/1.0\r\n\r\n' |
	    OPENSSL_CONF=/dev/null timeout 20 openssl s_client \
	    -unix "$1.sock" -CAfile "$1.pem" -verify_return_error -ign_eof \
	    -quiet 2>/dev/null | grep '^worker '
}

many()          # KEY COUNT
{
	export -f request
	seq "$2" | xargs -P 8 -I{} bash -c "request $1" >served
	sort served | uniq -c
	[ "$(wc -l <served)" = "$2" ]
}

serve()
{
	write_conf
	background nginx.log nginx -p "$PWD" -c nginx.conf \
	    -e stderr
	await request ec || {
		tap_fail 'nginx serves with the key in the TPM' \
		    "$(cat nginx.log)"
		return
	}
	ok "$handshakes handshakes with an EC key, 8 at a time" \
	    many ec $handshakes
	says '... by more than one worker' '^[2-4]$' \
	    eval 'sort -u served | wc -l'
	ok '40 handshakes with an RSA key' many rsa 40
	worker=$(sed -n '1s/worker //p' served)
	kill -KILL "$worker"
	ok 'a worker is killed; its successor serves' many ec 40
	is '... no handshake went wrong' "$(grep -c '\[crit\]' nginx.log)" 0
	kill "${background_pids[-1]}"
	wait "${background_pids[-1]}"
	is 'nginx ends well' "$?" 0
	is '... without a word from the module' \
	    "$(grep -vE '^[0-9/]+ [0-9:]+ \[|^Engine' nginx.log)" ''
}

make_token
user --keypairgen --key-type EC:prime256v1 --id 01 --label tls >key.log 2>&1
user --keypairgen --key-type rsa:2048 --id 02 --label rsa >>key.log 2>&1
engine_conf
openssl req -new -x509 -engine pkcs11 -keyform engine -key "$(uri tls)" \
    -subj /CN=localhost -days 30 -out ec.pem >>key.log 2>&1
openssl req -new -x509 -engine pkcs11 -keyform engine -key "$(uri rsa)" \
    -subj /CN=localhost -days 30 -out rsa.pem >>key.log 2>&1
unset OPENSSL_CONF
forks
serve
done_testing
