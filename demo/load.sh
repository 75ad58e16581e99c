#!/usr/bin/env bash
# Loads the Chinook sample database, a record shop, into a fresh data folder with nothing but the import command. Scripts of yours do not run
# meanwhile. Those of the shop are in demo/scripts; the command that is printed at the end switches them on.
#
#   demo/load.sh PROGRAM DATA_FOLDER
set -euo pipefail

program=$1 data=$2
demo=$(dirname "${BASH_SOURCE[0]}")
chinook=$demo/chinook
email=demo@example.com
password=record-shop

if [ -e "$data/data.db" ]; then
  echo "$data is there already. Remove it to load it afresh." >&2
  exit 1
fi

load() {
  "$program" import "$chinook/$1.csv" --dir "$data" --no-scripts "${@:2}"
  echo
}

load Artist --into artist --id ArtistId
load Album --into album --id AlbumId --relation ArtistId=artist
load Genre --into genre --id GenreId
load MediaType --into mediaType --id MediaTypeId
load Track --into track --id TrackId \
  --relation AlbumId=album --relation MediaTypeId=mediaType --relation GenreId=genre
load Employee --into employee --id EmployeeId --relation ReportsTo=employee
load Customer --into customer --id CustomerId --relation SupportRepId=employee
# The id is also the number of the invoice, from which the script goes on.
load Invoice --into invoice --id InvoiceId --field InvoiceId=number --relation CustomerId=customer
load InvoiceLine --into invoiceLine --id InvoiceLineId --relation InvoiceId=invoice --relation TrackId=track
load Playlist --into playlist --id PlaylistId
# Each row links a playlist and a track: the tracks of a playlist add up in one list field.
load PlaylistTrack --into playlist --update --add-fields --id PlaylistId \
  --relation TrackId=track --field TrackId=tracks

"$program" superuser upsert "$email" "$password" --dir "$data"

cat <<END

The record shop is open. Start it:

  STEADING_SCRIPTS_FOLDER=$demo/scripts $program serve --dir $data

Then buy a record in http://127.0.0.1:8090/shop, and see the invoice in the dashboard, http://127.0.0.1:8090/_/, as $email
with the password $password. Its number and its total come from $demo/scripts/invoices.rhai: add a line to it and the total follows.
The shop is $demo/scripts/shop.rhai with its templates. Change one of them and reload the page.

The data can be asked for, too:

  api=http://127.0.0.1:8090/api/collections
  token=\$(curl -s \$api/_superusers/auth-with-password -d identity=$email -d password=$password |
    sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
  ask() { curl -sG "\$api/\$1/records" -H "Authorization: \$token" "\${@:2}"; echo; }

  # What AC/DC recorded, longest first
  ask track --data-urlencode 'filter=album.artist.name = "AC/DC"' -d sort=-milliseconds -d fields=name,milliseconds
  # An invoice's lines, with the track, its album and its artist
  ask invoiceLine --data-urlencode 'filter=invoice = "000000000000001"' -d expand=track.album.artist
  # Customers who ever spent more than 20 at once, with the employee who looks after them
  ask customer --data-urlencode 'filter=invoice_via_customer.total ?> 20' -d expand=supportRep
END
