#!/usr/bin/env bash
# Loads the Chinook sample database, a record shop, into a fresh data folder with nothing but the import command.
#
#   demo/load.sh PROGRAM DATA_FOLDER
set -euo pipefail

program=$1 data=$2
chinook=$(dirname "${BASH_SOURCE[0]}")/chinook
email=demo@example.com
password=record-shop

if [ -e "$data/data.db" ]; then
  echo "$data is there already. Remove it to load it afresh." >&2
  exit 1
fi

load() {
  "$program" import "$chinook/$1.csv" --dir "$data" "${@:2}"
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
load Invoice --into invoice --id InvoiceId --relation CustomerId=customer
load InvoiceLine --into invoiceLine --id InvoiceLineId --relation InvoiceId=invoice --relation TrackId=track
load Playlist --into playlist --id PlaylistId
# Each row links a playlist and a track: the tracks of a playlist add up in one list field.
load PlaylistTrack --into playlist --update --add-fields --id PlaylistId \
  --relation TrackId=track --field TrackId=tracks

"$program" superuser upsert "$email" "$password" --dir "$data"

cat <<END

The record shop is open. Start it:

  $program serve --dir $data

Then look around in http://127.0.0.1:8090/_/ as $email with the password $password, or ask:

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
