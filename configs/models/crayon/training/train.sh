#!/bin/sh
# Makes the model from nothing: ./train.sh WORK [DEVICE] writes everything to WORK and the finished model to WORK/crayon.
# Stages whose result is there are skipped; the U-Net's stages resume where they stopped.
set -eu
work=$(mkdir -p "$1" && cd "$1" && pwd)
device=${2:-cpu}
cd "$(dirname "$0")"

[ -e "$work/tokenizer/vocab.json" ] || python tokenizer.py --out "$work/tokenizer"
[ -e "$work/vae/config.json" ] || python train_vae.py --out "$work/vae" --device "$device"
encode() { # SIZE COUNT SEED SIMPLE
    [ -e "$work/latents-$1.npz" ] || python encode.py --vae "$work/vae" --out "$work/latents-$1.npz" \
        --width "$1" --height "$1" --count "$2" --seed "$3" --simple "$4" --device "$device"
}
encode 128 16000 51 0.35
encode 256 13376 61 0.15
workers=1
[ "$device" = cpu ] && workers=2
unet() {
    python train_unet.py --run "$work/unet" --tokenizer "$work/tokenizer" --device "$device" --workers $workers "$@"
}
# Small pictures first: a step costs a third, and words, colours and places carry over.
unet --until 1200 --data "$work/latents-128.npz:128:1"
unet --until 3000 --decay-from 1700 --data "$work/latents-256.npz:64:6" "$work/latents-128.npz:128:1"
python export.py --run "$work/unet" --tokenizer "$work/tokenizer" --vae "$work/vae" --out "$work/crayon"
python preview.py --model "$work/crayon"
python evaluate.py --model "$work/crayon" --out "$work/evaluation"
python plot.py "$work/unet/loss-unet.csv" "$work/losses.png"
