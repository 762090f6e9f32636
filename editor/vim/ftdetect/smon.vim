autocmd BufNewFile,BufRead *.smon setfiletype smon
